"""Many workers: what one turn of a connection hands to the next, and who may use the database."""

import sqlalchemy as sa
from alembic import op

from connector.store.migrations.kinds import TEXT

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    floor = op.create_table(
        "schema_floor",
        sa.Column("oldest", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("oldest", name="pk_schema_floor"),
    )
    op.bulk_insert(floor, [{"oldest": "0001"}])
    op.create_table(
        "connections",
        sa.Column("conn", TEXT, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("lane", TEXT, nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("turned_at", sa.BigInteger(), nullable=True),
        sa.Column("memory", TEXT, nullable=False),
        sa.Column("health", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("conn", name="pk_connections"),
    )
    op.create_index("ix_connections_due", "connections", ["due_at"])


def downgrade() -> None:
    op.drop_table("connections")
    op.drop_table("schema_floor")
