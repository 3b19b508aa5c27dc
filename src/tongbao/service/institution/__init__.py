"""The operating institution over HTTP."""
