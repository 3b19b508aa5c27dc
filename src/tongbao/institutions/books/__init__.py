"""The institution's books: deposits, double entry, and what they come to."""
