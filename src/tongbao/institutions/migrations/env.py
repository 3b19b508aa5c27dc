"""Alembic's entry: migrate the connection that `tongbao.adapters.migration` hands in."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], target_metadata=None)
with context.begin_transaction():
    context.run_migrations()
