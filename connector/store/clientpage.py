"""What the page of one client asks of its tickets: their last assessments, and who still waits for a word."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.model import BucketName, ClockState
from connector.store import sql
from connector.store.schema import assessments, tickets

BATCH = 500
_OF_TICKET = ("conn", "id", "url", "summary", "owner", "priority", "opened_at")
_SAME_TICKET = (assessments.c.conn == tickets.c.conn) & (assessments.c.ticket_id == tickets.c.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A ticket and what its last assessment (`assessment_to_json`) says of promises and of unhappiness.

    `clocks`: by bucket its state and, where it has ended, after how many working minutes. `says`: the PSA's
    times. `melon`: what says watermelon, empty for none.
    """

    conn: str
    id: str
    url: str
    summary: str
    owner: str
    priority: str
    opened_at: datetime
    excluded: bool
    clocks: Mapping[BucketName, tuple[ClockState, float | None]]
    says: Mapping[str, str | None]
    melon: tuple[str, ...]


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
    """Tickets of this policy client opened after `since` that the PSA still has, the newest first.

    Their assessments are long, so no more than BATCH of them are held at a time.
    """
    query = (
        select(
            tickets.c.conn,
            tickets.c.id,
            tickets.c.url,
            tickets.c.summary,
            tickets.c.owner,
            tickets.c.priority,
            tickets.c.opened_at,
            assessments.c.doc,
        )
        .join(assessments, _SAME_TICKET)
        .where(assessments.c.client == sql.clean(client), tickets.c.opened_at > since, ~tickets.c.gone)
        .order_by(tickets.c.opened_at.desc(), tickets.c.id)
    )
    found: list[Known] = []
    async for part in (await tx.stream(query)).partitions(BATCH):
        found += await asyncio.to_thread(_known, [dict(row._mapping) for row in part])
    return found


def _known(rows: Sequence[Mapping[str, Any]]) -> list[Known]:
    return [known_of(json.loads(row["doc"]), row) for row in rows]


def known_of(document: Mapping[str, Any], ticket: Mapping[str, Any]) -> Known:
    """What is kept of an assessment; `ticket` has the other fields."""
    melon = document.get("watermelon")
    return Known(
        **{name: ticket[name] for name in _OF_TICKET},
        excluded=bool(document.get("excluded")),
        clocks={
            bucket: (clock["state"], clock["elapsed_min"] if clock["done_at"] else None)
            for bucket, clock in document["buckets"].items()
        },
        says=document["psa"],
        melon=tuple(melon["reasons"]) if melon and melon["flagged"] else (),
    )


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
