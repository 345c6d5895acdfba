"""The first tables.

Written out in plain types: what version 1 made stays what it made, however `schema` grows.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from connector.store.migrations.kinds import COUNTER, TEXT

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BUCKETS = ("response", "resplan", "update", "resolution")


def upgrade() -> None:
    _tickets()
    _events()
    _assessments()
    _inbox()
    _outbox()
    _records()


def downgrade() -> None:
    for name in (
        "quarantine",
        "cursors",
        "history",
        "outbox",
        "inbox",
        "assessments",
        "events",
        "tickets",
    ):
        op.drop_table(name)


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]


def _instant(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _only(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(
        name, table, columns, sqlite_where=sa.text(f"{where} = 1"), postgresql_where=sa.text(where)
    )


def _tickets() -> None:
    op.create_table(
        "tickets",
        *_text("conn", "id", "client", "summary", "group", "owner", "status", "priority", "url"),
        _instant("opened_at"),
        _flag("is_open"),
        _flag("gone"),
        *_text("version", "updated_by", "own_version"),
        _instant("observed_at"),
        *_text("flags", "doc"),
        _key("tickets", "conn", "id"),
    )
    _only("ix_tickets_stale", "tickets", ["conn", "observed_at"], "is_open")


def _events() -> None:
    op.create_table(
        "events",
        *_text("conn", "ticket_id", "key"),
        _instant("at"),
        _flag("is_rating"),
        *_text("doc"),
        _key("events", "conn", "ticket_id", "key"),
    )
    _only("ix_events_ratings", "events", ["conn", "ticket_id", "at"], "is_rating")


def _assessments() -> None:
    buckets: list[sa.Column[Any]] = []
    for bucket in BUCKETS:
        buckets += _text(f"{bucket}_state", f"{bucket}_zone")
        buckets += [_flag(f"{bucket}_live"), _instant(f"{bucket}_due", nullable=True)]
    op.create_table(
        "assessments",
        *_text("conn", "ticket_id", "client", "policy"),
        _instant("at"),
        _instant("next_at", nullable=True),
        sa.Column("worst", sa.SmallInteger()),
        _instant("due", nullable=True),
        *buckets,
        *_text("flags", "doc"),
        _key("assessments", "conn", "ticket_id"),
    )
    op.create_index("ix_assessments_due", "assessments", ["conn", "next_at"])
    op.create_index("ix_assessments_client", "assessments", ["client", "conn", "policy"])


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        *_text("conn"),
        sa.Column("deliver_id", TEXT),
        *_text("ticket_id", "action"),
        _instant("received_at"),
        _flag("waiting"),
        _key("inbox", "id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbox_deliver_id", "inbox", ["conn", "deliver_id"], unique=True)
    _only("ix_inbox_waiting", "inbox", ["conn", "id"], "waiting")


def _outbox() -> None:
    op.create_table(
        "outbox",
        *_text("conn", "ticket_id", "flags", "reason"),
        _instant("since"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _instant("not_before"),
        *_text("state", "error"),
        _key("outbox", "conn", "ticket_id"),
    )
    op.create_index("ix_outbox_next", "outbox", ["conn", "state", "not_before"])


def _records() -> None:
    op.create_table(
        "history",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        *_text("conn", "ticket_id", "flag", "old", "new", "reason"),
        _instant("at"),
        _key("history", "id"),
    )
    op.create_index("ix_history_ticket", "history", ["conn", "ticket_id", "id"])
    op.create_table(
        "cursors",
        *_text("conn", "name", "value"),
        _instant("at"),
        _key("cursors", "conn", "name"),
    )
    op.create_table(
        "quarantine",
        *_text("conn", "ticket_id", "reason", "body"),
        _instant("first_at"),
        _instant("last_at"),
        sa.Column("times", sa.Integer(), nullable=False),
        _key("quarantine", "conn", "ticket_id", "reason"),
    )
