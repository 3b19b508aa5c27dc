"""Merchants' servers that are told of events, until each has heard or too much time has passed."""
