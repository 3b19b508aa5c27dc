"""Vaults decide which coins are spent: choosing, reserving and returning them, and making change.

The issuance vault is the only place where money begins and ends; every other stock of coins is a purse.
"""
