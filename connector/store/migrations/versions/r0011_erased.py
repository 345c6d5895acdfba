"""Whose data is not kept, by keyed marks."""

import sqlalchemy as sa
from alembic import op

from connector.store.migrations.kinds import TEXT

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erased",
        sa.Column("conn", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("mark", TEXT, nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("conn", "kind", "mark", name="pk_erased"),
    )


def downgrade() -> None:
    op.drop_table("erased")
