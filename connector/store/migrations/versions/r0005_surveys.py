"""Our own survey: who was asked about what, by which link, and who was not asked and why."""

import sqlalchemy as sa
from alembic import op

from connector.store.migrations.kinds import TEXT

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "surveys",
        *_text("conn", "about", "ticket_id", "client", "contact", "kind", "state", "why"),
        sa.Column("link", TEXT, nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("scale", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("completed_at", sa.BigInteger(), nullable=True),
        sa.Column("mailed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("conn", "about", name="pk_surveys"),
    )
    op.create_index("ix_surveys_link", "surveys", ["link"], unique=True)
    op.create_index("ix_surveys_ticket", "surveys", ["conn", "ticket_id"])
    op.create_index("ix_surveys_contact", "surveys", ["conn", "client", "contact", "at"])
    op.create_index("ix_surveys_client", "surveys", ["client", "at"])


def downgrade() -> None:
    op.drop_table("surveys")


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]
