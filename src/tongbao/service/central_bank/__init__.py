"""The central bank's office over HTTP."""
