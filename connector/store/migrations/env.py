"""Run by Alembic: applies migrations on the connection and transaction of `connector.store.migrate`."""

from alembic import context

from connector.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
