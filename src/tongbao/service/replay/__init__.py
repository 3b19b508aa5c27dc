"""Replay of real purchases: a file of rows becomes payments in a running currency."""
