"""What the auditor found broken, and values found in our fields that we had not recorded writing."""

import sqlalchemy as sa
from alembic import op

from connector.store.migrations.kinds import COUNTER, TEXT

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "breaches",
        *_text("conn", "invariant", "ticket_id", "detail"),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("over_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("conn", "invariant", "ticket_id", name="pk_breaches"),
    )
    op.create_table(
        "strangers",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        *_text("conn", "ticket_id", "flag", "old", "new", "by"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_strangers"),
    )
    op.create_index("ix_strangers_ticket", "strangers", ["conn", "ticket_id", "at"])


def downgrade() -> None:
    op.drop_table("strangers")
    op.drop_table("breaches")


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]
