"""When webhooks came in, found without reading a week of them."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_inbox_received", "inbox", ["conn", "received_at"])


def downgrade() -> None:
    op.drop_index("ix_inbox_received", "inbox")
