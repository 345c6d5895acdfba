"""The tables, as SQLAlchemy Core metadata. `migrations/` builds the same ones; a test holds them equal.

`doc` columns hold a value whole, in the JSON of `connector.ticketlog`; the columns beside it are
copies for searching, sorting and the board. Tables about the running of the daemon itself stand in
`schema_running`.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    false,
)

from connector.model import BUCKETS
from connector.store.columns import counter as _counter
from connector.store.columns import metadata
from connector.store.columns import only as _only
from connector.store.columns import text as _text
from connector.store.schema_running import REVISION, alembic_version
from connector.store.sql import Instant, Text

__all__ = ["REVISION", "alembic_version", "metadata"]

tickets = Table(
    "tickets",
    metadata,
    _text("conn"),
    _text("id"),
    _text("client"),
    _text("summary"),
    _text("group"),
    _text("owner"),
    _text("status"),
    _text("priority"),
    _text("url"),
    Column("opened_at", Instant, nullable=False),
    Column("is_open", Boolean, nullable=False),  # neither closed nor gone
    Column("gone", Boolean, nullable=False),
    _text("version"),
    _text("updated_by"),
    _text("own_version"),
    Column("observed_at", Instant, nullable=False),  # 1970: never
    _text("flags"),
    _text("doc"),
    PrimaryKeyConstraint("conn", "id"),
)
_only(tickets, "ix_tickets_stale", "conn", "observed_at", where="is_open")

events = Table(
    "events",
    metadata,
    _text("conn"),
    _text("ticket_id"),
    _text("key"),
    Column("at", Instant, nullable=False),
    Column("is_rating", Boolean, nullable=False),
    _text("doc"),
    PrimaryKeyConstraint("conn", "ticket_id", "key"),
)
_only(events, "ix_events_ratings", "conn", "ticket_id", "at", where="is_rating")

assessments = Table(
    "assessments",
    metadata,
    _text("conn"),
    _text("ticket_id"),
    _text("client"),
    _text("policy"),
    Column("at", Instant, nullable=False),
    Column("next_at", Instant),
    Column("worst", SmallInteger),  # index into ZONES over the live clocks; NULL: none is live
    Column("due", Instant),  # the nearest promise of the live clocks
    *(
        column
        for bucket in BUCKETS
        for column in (
            _text(f"{bucket}_state"),
            _text(f"{bucket}_zone"),
            Column(f"{bucket}_live", Boolean, nullable=False),
            Column(f"{bucket}_due", Instant),
        )
    ),
    _text("flags"),
    _text("doc"),
    # came later: an older version that still runs while the schema is new does not name them
    Column("followup_state", Text, nullable=False, server_default="none"),
    Column("followup_zone", Text, nullable=False, server_default="green"),
    Column("followup_live", Boolean, nullable=False, server_default=false()),
    Column("followup_due", Instant),
    PrimaryKeyConstraint("conn", "ticket_id"),
)
_only(assessments, "ix_assessments_followups", "conn", "ticket_id", where="followup_live")
Index("ix_assessments_due", assessments.c.conn, assessments.c.next_at)
Index("ix_assessments_client", assessments.c.client, assessments.c.conn, assessments.c.policy)

ratings = Table(
    "ratings",
    metadata,
    _text("conn"),
    _text("ticket_id"),  # '': about the desk as a whole
    _text("key"),
    _text("client"),  # of the policy; '' while it is not known
    _text("contact"),
    _text("board"),
    _text("engineer"),
    _text("channel"),  # by which the ticket came in
    _text("source"),
    _text("kind"),  # ticket | annual
    Column("at", Instant, nullable=False),
    _text("verdict"),  # counted | merged | refused | waiting
    _text("why"),
    _text("doc"),
    PrimaryKeyConstraint("conn", "ticket_id", "key"),
)
Index("ix_ratings_client", ratings.c.client, ratings.c.verdict, ratings.c.at)
Index("ix_ratings_verdict", ratings.c.conn, ratings.c.verdict)

inbox = Table(
    "inbox",
    metadata,
    _counter(),
    _text("conn"),
    Column("deliver_id", Text),  # NULL: the vendor gives none
    _text("ticket_id"),
    _text("action"),
    Column("received_at", Instant, nullable=False),
    Column("waiting", Boolean, nullable=False),
    sqlite_autoincrement=True,
)
Index("ix_inbox_deliver_id", inbox.c.conn, inbox.c.deliver_id, unique=True)
Index("ix_inbox_received", inbox.c.conn, inbox.c.received_at)
_only(inbox, "ix_inbox_waiting", "conn", "id", where="waiting")

outbox = Table(
    "outbox",
    metadata,
    _text("conn"),
    _text("ticket_id"),
    _text("flags"),
    _text("reason"),
    Column("since", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Instant, nullable=False),
    _text("state"),  # owed | dead | dropped
    _text("error"),
    PrimaryKeyConstraint("conn", "ticket_id"),
)
Index("ix_outbox_next", outbox.c.conn, outbox.c.state, outbox.c.not_before)

history = Table(
    "history",
    metadata,
    _counter(),
    _text("conn"),
    _text("ticket_id"),
    _text("flag"),
    _text("old"),
    _text("new"),
    _text("reason"),
    Column("at", Instant, nullable=False),
)
Index("ix_history_ticket", history.c.conn, history.c.ticket_id, history.c.id)

cursors = Table(
    "cursors",
    metadata,
    _text("conn"),
    _text("name"),
    _text("value"),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("conn", "name"),
)

quarantine = Table(
    "quarantine",
    metadata,
    _text("conn"),
    _text("ticket_id"),
    _text("reason"),
    _text("body"),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("times", Integer, nullable=False),
    PrimaryKeyConstraint("conn", "ticket_id", "reason"),
)

template_lines = Table(
    "template_lines",
    metadata,
    _text("conn"),
    _text("line"),  # the mark of a sentence; the sentence itself is not kept
    _text("author"),
    _text("uses"),  # its earliest uses, one a ticket: "instant.ticket", both in hex
    Column("last_at", Instant, nullable=False),
    PrimaryKeyConstraint("conn", "line", "author"),
)
Index("ix_template_lines_last_at", template_lines.c.conn, template_lines.c.last_at)

rulings = Table(
    "rulings",
    metadata,
    _counter(),
    _text("conn"),
    _text("author"),
    _text("lines"),  # marks of the text it is about; '': all that the author writes
    _text("sample"),
    _text("cause"),
    _text("content"),
    _text("ruled_by"),
    Column("ruled_at", Instant, nullable=False),
    _text("why"),
    _text("withdrawn_by"),
    Column("withdrawn_at", Instant),
)
Index("ix_rulings_conn", rulings.c.conn)

audit = Table(
    "audit",
    metadata,
    _counter(),
    Column("at", Instant, nullable=False),
    _text("person"),
    _text("role"),
    _text("what"),
    _text("conn"),
    _text("subject"),  # ticket, mark or number of what it was done to
    _text("reason"),
)

contracts = Table(
    "contracts",
    metadata,
    _text("conn"),
    _text("client"),
    Column("at", Instant, nullable=False),
    _text("doc"),
    PrimaryKeyConstraint("conn", "client"),
)

happenings = Table(
    "happenings",
    metadata,
    _counter(),
    _text("conn"),
    _text("client"),
    _text("kind"),
    Column("number", Integer, nullable=False),
    Column("at", Instant, nullable=False),  # when it was so
    Column("told_at", Instant, nullable=False),  # when it was found out
    _text("doc"),
)
Index("ix_happenings_client", happenings.c.conn, happenings.c.client, happenings.c.at)

errands = Table(
    "errands",
    metadata,
    _text("conn"),
    _text("mark"),  # by which the PSA's own record of it is found again
    _text("kind"),  # ticket | note
    _text("client"),
    _text("under"),  # mark of the errand whose ticket it belongs under; '' for none
    _text("payload"),
    _text("ticket_id"),  # the ticket opened or written to; '' until it is known
    Column("since", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Instant, nullable=False),
    _text("state"),  # owed | done | dead | dropped
    _text("error"),
    PrimaryKeyConstraint("conn", "mark"),
)
Index("ix_errands_next", errands.c.conn, errands.c.state, errands.c.not_before)
Index("ix_errands_ticket", errands.c.conn, errands.c.ticket_id)

surveys = Table(
    "surveys",
    metadata,
    _text("conn"),
    _text("about"),  # what is asked about, once: ticket and episode, or year and contact
    _text("ticket_id"),  # '': the yearly questionnaire
    _text("client"),
    _text("contact"),
    _text("kind"),  # ticket | annual
    _text("state"),  # asked | answered | skipped
    _text("why"),  # it was skipped
    Column("link", Text),  # random id of its link; NULL: none was made
    Column("at", Instant, nullable=False),
    Column("scale", Integer, nullable=False),
    Column("score", Integer),  # as it was answered
    Column("expires_at", Instant),
    Column("answered_at", Instant),
    Column("completed_at", Instant),  # when more than the score was said
    Column("mailed_at", Instant),
    PrimaryKeyConstraint("conn", "about"),
)
Index("ix_surveys_link", surveys.c.link, unique=True)
Index("ix_surveys_ticket", surveys.c.conn, surveys.c.ticket_id)
Index("ix_surveys_contact", surveys.c.conn, surveys.c.client, surveys.c.contact, surveys.c.at)
Index("ix_surveys_client", surveys.c.client, surveys.c.at)

canaries = Table(
    "canaries",
    metadata,
    _counter(),
    _text("conn"),
    _text("ticket_id"),
    _text("flag"),
    _text("was"),
    _text("wrote"),
    _text("by"),
    Column("at", Instant, nullable=False),
    Column("ended_at", Instant),
    _text("state"),  # open | passed | failed | undone
    _text("setup"),  # what it stands for
    _text("doc"),  # what was seen
)
Index("ix_canaries_conn", canaries.c.conn)

notices = Table(
    "notices",
    metadata,
    _text("id"),
    _text("conn"),
    _text("client"),  # '' where it concerns none
    _text("subject"),  # the ticket's id, or what else it is about
    _text("ticket_id"),
    _text("event"),
    _text("key"),
    _text("channel"),
    Column("at", Instant, nullable=False),  # when it was decided
    Column("over_at", Instant),  # NULL: the episode goes on
    _text("state"),  # held | put | suppressed
    _text("why"),
    Column("due_at", Instant),  # of its digest
    _text("sending"),  # '' while it is in none
    _text("said"),
    PrimaryKeyConstraint("id"),
)
Index("ix_notices_subject", notices.c.conn, notices.c.subject)
Index("ix_notices_held", notices.c.state, notices.c.due_at)
Index("ix_notices_sending", notices.c.sending)
Index("ix_notices_at", notices.c.at)

sendings = Table(
    "sendings",
    metadata,
    _text("id"),
    _text("channel"),
    _text("kind"),  # notice | digest
    Column("since", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Instant, nullable=False),
    _text("state"),  # owed | sent | dead
    _text("error"),
    Column("sent_at", Instant),
    PrimaryKeyConstraint("id"),
)
Index("ix_sendings_next", sendings.c.state, sendings.c.not_before)
Index("ix_sendings_channel", sendings.c.channel, sendings.c.kind, sendings.c.since)
