"""Refunds that payers are asked about: offered, answered, and owed once they are accepted."""
