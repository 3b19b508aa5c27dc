"""Payments: prepared, accepted by the payee's home, signed, recorded, and what follows."""
