"""Customers and their wallets: what they hold, what they may, and what happened to them."""
