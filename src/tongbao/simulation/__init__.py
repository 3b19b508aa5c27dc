"""The simulation decides what goes wrong and when: the whole currency in one process, on virtual time, by a seed."""
