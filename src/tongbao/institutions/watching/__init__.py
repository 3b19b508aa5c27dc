"""Watchers: keys that see a wallet and move none of its money."""
