"""Witnesses of the registration centre's log: they cosign what continues all they saw, and sound the alarm otherwise.

A witness keeps one checkpoint per log and needs nothing of the money. One that also replays the journal cosigns only a
log whose entries are the verdicts that it came to itself.
"""
