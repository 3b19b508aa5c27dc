"""A wallet decides for its holder: it keeps keys, signs, remembers what it signed, and recovers from its phrase."""
