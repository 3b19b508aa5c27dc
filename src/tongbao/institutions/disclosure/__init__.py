"""What the institution holds about a customer, handed out to that customer: every table, with what its fields mean."""
