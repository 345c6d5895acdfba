"""Of a fleet's connections: which worker had the last turn, and what the turn under way may have sent."""

import sqlalchemy as sa
from alembic import op

from connector.store.migrations.kinds import TEXT

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("connections", sa.Column("home", TEXT, nullable=False, server_default=""))
    op.add_column("connections", sa.Column("sending", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("connections", "sending")
    op.drop_column("connections", "home")
