"""The registration centre over HTTP."""
