"""A witness over HTTP, alone or beside an institution."""
