"""Canaries: the test write that is watched before a connection may write."""

import sqlalchemy as sa
from alembic import op

from connector.store.migrations.kinds import COUNTER, TEXT

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "canaries",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        *_text("conn", "ticket_id", "flag", "was", "wrote", "by"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        *_text("state", "setup", "doc"),
        sa.PrimaryKeyConstraint("id", name="pk_canaries"),
    )
    op.create_index("ix_canaries_conn", "canaries", ["conn"])


def downgrade() -> None:
    op.drop_table("canaries")


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]
