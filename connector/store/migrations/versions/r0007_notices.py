"""What people are told outside of the PSA: every episode decided, every message that told of some."""

import sqlalchemy as sa
from alembic import op

from connector.store.migrations.kinds import TEXT

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notices",
        *_text("id", "conn", "client", "subject", "ticket_id", "event", "key", "channel"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("over_at", sa.BigInteger(), nullable=True),
        *_text("state", "why"),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        *_text("sending", "said"),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
    )
    op.create_index("ix_notices_subject", "notices", ["conn", "subject"])
    op.create_index("ix_notices_held", "notices", ["state", "due_at"])
    op.create_index("ix_notices_sending", "notices", ["sending"])
    op.create_index("ix_notices_at", "notices", ["at"])
    op.create_table(
        "sendings",
        *_text("id", "channel", "kind"),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        *_text("state", "error"),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sendings"),
    )
    op.create_index("ix_sendings_next", "sendings", ["state", "not_before"])
    op.create_index("ix_sendings_channel", "sendings", ["channel", "kind", "since"])


def downgrade() -> None:
    op.drop_table("sendings")
    op.drop_table("notices")


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]
