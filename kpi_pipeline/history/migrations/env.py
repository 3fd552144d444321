"""Alembic's entry: runs on the connection that database.py hands over, inside its transaction and lock."""

from alembic import context

from kpi_pipeline.history.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
