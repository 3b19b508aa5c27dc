"""Alembic's entry: migrate the connection that `tongbao.centres.central_bank.schema` hands in."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], target_metadata=None)
with context.begin_transaction():
    context.run_migrations()
