"""What people did, with who and why."""

import sqlalchemy as sa
from alembic import op

from connector.store.migrations.kinds import COUNTER, TEXT

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *_text("person", "role", "what", "conn", "subject", "reason"),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )


def downgrade() -> None:
    op.drop_table("audit")


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]
