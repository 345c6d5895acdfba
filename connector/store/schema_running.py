"""Tables about the running of the daemon itself: what the database is at, how its connections turn, and what
the auditor found."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, String, Table

from connector.store.columns import counter as _counter
from connector.store.columns import metadata
from connector.store.columns import text as _text
from connector.store.sql import Instant, Text

REVISION = "0013"
"""The migration a database must be at, or past, for this version to use it."""

alembic_version = Table(
    "alembic_version",
    metadata,
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)

schema_floor = Table(
    "schema_floor",
    metadata,
    Column("oldest", String(32), nullable=False),  # versions that know less than this may not use it
    PrimaryKeyConstraint("oldest"),
)

connections = Table(
    "connections",
    metadata,
    _text("conn"),
    Column("due_at", Instant, nullable=False),  # its next turn, whatever webhooks say
    _text("lane"),  # fast | slow
    Column("fence", BigInteger, nullable=False),  # counts the turns begun; who has an older one has lost it
    Column("turned_at", Instant),  # the end of its last turn; NULL: none yet
    _text("memory"),  # what one turn hands to the next
    _text("health"),
    Column("home", Text, nullable=False, server_default=""),  # the worker that had the last turn
    Column("sending", BigInteger, nullable=False, server_default="0"),  # requests of the turn under way
    PrimaryKeyConstraint("conn"),
)
Index("ix_connections_due", connections.c.due_at)

breaches = Table(
    "breaches",
    metadata,
    _text("conn"),
    _text("invariant"),
    _text("ticket_id"),  # '': the connection as a whole
    _text("detail"),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("times", Integer, nullable=False),  # audits that found it
    Column("over_at", Instant),  # NULL: it is still so
    PrimaryKeyConstraint("conn", "invariant", "ticket_id"),
)

strangers = Table(
    "strangers",
    metadata,
    _counter(),
    _text("conn"),
    _text("ticket_id"),
    _text("flag"),
    _text("old"),
    _text("new"),
    _text("by"),  # the PSA's id of who touched the ticket last
    Column("at", Instant, nullable=False),
)
Index("ix_strangers_ticket", strangers.c.conn, strangers.c.ticket_id, strangers.c.at)

erased = Table(
    "erased",
    metadata,
    _text("conn"),
    _text("kind"),  # key | id | words
    _text("mark"),
    Column("words", Integer, nullable=False),  # of the name or address
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("conn", "kind", "mark"),
)
