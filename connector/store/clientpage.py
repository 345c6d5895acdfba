"""What the page of one client asks of its tickets: their last assessments, and who still waits for a word."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store import sql
from connector.store.schema import assessments, tickets

_SAME_TICKET = (assessments.c.conn == tickets.c.conn) & (assessments.c.ticket_id == tickets.c.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A ticket and the text of its last assessment (`assessment_to_json`)."""

    conn: str
    id: str
    url: str
    summary: str
    owner: str
    priority: str
    opened_at: datetime
    text: str

    def document(self) -> Mapping[str, Any]:
        """The assessment; hundreds of them take a while, so not on the event loop."""
        found: Mapping[str, Any] = json.loads(self.text)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A ticket whose unhappy customer waits for a word, until `due`; None: without a deadline."""

    conn: str
    id: str
    url: str
    summary: str
    owner: str
    due: datetime | None
    late: bool


async def opened_since(tx: AsyncConnection, client: str, since: datetime) -> list[Known]:
    """Tickets of this policy client opened after `since` that the PSA still has, the newest first."""
    query = (
        select(
            tickets.c.conn,
            tickets.c.id,
            tickets.c.url,
            tickets.c.summary,
            tickets.c.owner,
            tickets.c.priority,
            tickets.c.opened_at,
            assessments.c.doc.label("text"),
        )
        .join(assessments, _SAME_TICKET)
        .where(assessments.c.client == sql.clean(client), tickets.c.opened_at > since, ~tickets.c.gone)
        .order_by(tickets.c.opened_at.desc(), tickets.c.id)
    )
    return [Known(**row._mapping) for row in await tx.execute(query)]


async def waiting(tx: AsyncConnection, client: str, limit: int) -> list[Waiting]:
    """Open follow-ups of this policy client, the nearest deadline first."""
    query = (
        select(
            tickets.c.conn,
            tickets.c.id,
            tickets.c.url,
            tickets.c.summary,
            tickets.c.owner,
            assessments.c.followup_due.label("due"),
            assessments.c.followup_state.label("state"),
        )
        .join(assessments, _SAME_TICKET)
        .where(assessments.c.client == sql.clean(client), assessments.c.followup_live, ~tickets.c.gone)
        .order_by(assessments.c.followup_due.nulls_last(), tickets.c.id)
        .limit(limit)
    )
    found = [dict(row._mapping) for row in await tx.execute(query)]
    return [Waiting(late=row.pop("state") == "missed", **row) for row in found]
