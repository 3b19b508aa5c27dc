"""What merchants ask for, what payees receive, and what is given back."""
