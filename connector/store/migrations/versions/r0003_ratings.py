"""The ledger of ratings: one row each, whatever its source, with what became of it.

It is empty at first: the daemon enters what the timelines hold, a few tickets a turn.
"""

import sqlalchemy as sa
from alembic import op

from connector.store.migrations.kinds import TEXT

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ratings",
        *_text("conn", "ticket_id", "key", "client", "contact", "board", "engineer", "channel", "source"),
        *_text("kind"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *_text("verdict", "why", "doc"),
        sa.PrimaryKeyConstraint("conn", "ticket_id", "key", name="pk_ratings"),
    )
    op.create_index("ix_ratings_client", "ratings", ["client", "verdict", "at"])
    op.create_index("ix_ratings_verdict", "ratings", ["conn", "verdict"])


def downgrade() -> None:
    op.drop_table("ratings")


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]
