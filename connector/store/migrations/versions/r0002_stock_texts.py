"""Sentences a desk has used before, and what people have ruled about authors and texts."""

import sqlalchemy as sa
from alembic import op

from connector.store.migrations.kinds import COUNTER, TEXT

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "template_lines",
        *_text("conn", "line", "author", "uses"),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("conn", "line", "author", name="pk_template_lines"),
    )
    op.create_index("ix_template_lines_last_at", "template_lines", ["conn", "last_at"])
    op.create_table(
        "rulings",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        *_text("conn", "author", "lines", "sample", "cause", "content", "ruled_by"),
        sa.Column("ruled_at", sa.BigInteger(), nullable=False),
        *_text("why", "withdrawn_by"),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_rulings"),
    )
    op.create_index("ix_rulings_conn", "rulings", ["conn"])


def downgrade() -> None:
    op.drop_table("rulings")
    op.drop_table("template_lines")


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]
