"""The log of what happened to wallets and orders, and those who are told of it."""
