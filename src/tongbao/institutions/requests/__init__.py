"""Money requests: asking somebody for money, and being asked."""
