"""The service decides how roles become processes: configuration, wiring, HTTP and the command line."""
