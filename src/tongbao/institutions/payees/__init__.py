"""Whom people pay: the name behind an address, and the aliases by which an address is found."""
