"""Pockets: money that two wallets can open, each in its own time."""
