"""What Alembic runs: the steps to a version, on the connection that `coordinator.store.migrations` gives it."""

from collections.abc import Collection, Mapping
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo
from sqlalchemy import Connection, insert, update

from coordinator.store.tables import meta, metadata

connection: Connection = context.config.attributes["connection"]


def noted(ctx: MigrationContext, step: MigrationInfo, heads: Collection[Any], run_args: Mapping[str, Any]) -> None:  # noqa: ARG001  Alembic names them
    """Writes the version that a step has reached where programs look for it."""
    reached = str(step.up_revision_id)
    changed = connection.execute(update(meta).where(meta.c.name == "schema").values(value=reached))
    if changed.rowcount == 0:
        connection.execute(insert(meta).values(name="schema", value=reached))


context.configure(connection=connection, target_metadata=metadata, on_version_apply=noted)
with context.begin_transaction():
    context.run_migrations()
