"""Simulated disasters: the whole currency with several replicas of its centre, under everything that may go wrong."""
