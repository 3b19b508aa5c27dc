"""Alembic's revisions of the institution's database, run at every start."""
