"""Follow-ups of unhappy customers, and the contract: reviews, plans, and what they ask the PSA to open."""

import sqlalchemy as sa
from alembic import op

from connector.store.migrations.kinds import COUNTER, TEXT

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FOLLOWUP = ("followup_state", "followup_zone", "followup_live", "followup_due")


def upgrade() -> None:
    state = sa.Column("followup_state", TEXT, nullable=False, server_default="none")
    zone = sa.Column("followup_zone", TEXT, nullable=False, server_default="green")
    is_live: sa.Column[bool] = sa.Column(
        "followup_live", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    for column in (state, zone, is_live, sa.Column("followup_due", sa.BigInteger(), nullable=True)):
        op.add_column("assessments", column)
    live = sa.column("followup_live", sa.Boolean())
    op.create_index(
        "ix_assessments_followups",
        "assessments",
        ["conn", "ticket_id"],
        sqlite_where=live == sa.true(),
        postgresql_where=live,
    )
    op.create_table(
        "contracts",
        *_text("conn", "client"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *_text("doc"),
        sa.PrimaryKeyConstraint("conn", "client", name="pk_contracts"),
    )
    op.create_table(
        "happenings",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        *_text("conn", "client", "kind"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        *_text("doc"),
        sa.PrimaryKeyConstraint("id", name="pk_happenings"),
    )
    op.create_index("ix_happenings_client", "happenings", ["conn", "client", "at"])
    op.create_table(
        "errands",
        *_text("conn", "mark", "kind", "client", "under", "payload", "ticket_id"),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        *_text("state", "error"),
        sa.PrimaryKeyConstraint("conn", "mark", name="pk_errands"),
    )
    op.create_index("ix_errands_next", "errands", ["conn", "state", "not_before"])
    op.create_index("ix_errands_ticket", "errands", ["conn", "ticket_id"])


def downgrade() -> None:
    for name in ("errands", "happenings", "contracts"):
        op.drop_table(name)
    op.drop_index("ix_assessments_followups", "assessments")
    for column in FOLLOWUP:
        op.drop_column("assessments", column)


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]
