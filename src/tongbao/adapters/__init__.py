"""Adapters are the world: disks, databases, sockets, clocks and dice, each behind a port that an actor asked for."""
