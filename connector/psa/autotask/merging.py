"""Which ticket took another's place: told by a note alone, and there by the other's number only.

No field of a ticket says that it was merged; a note of the vendor's own type does (facts §10). Its words are
in the tenant's language, so nothing is read in them but the ticket number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connector.psa.autotask.filters import in_, split
from connector.psa.autotask.session import Session
from connector.psa.port import Snapshot
from connector.psa.values import text

MERGED = "93"
_NUMBER = re.compile(r"\bT\d{8}\.\d{4}(?:\.\d{1,6})?\b")


def numbers(notes: Iterable[Any]) -> dict[str, str]:
    """Ticket id -> number of the ticket it was merged into, by its notes; the last one that names any."""
    found: dict[str, str] = {}
    for row in notes:
        if not isinstance(row, Mapping) or text(row, "noteType") != MERGED:
            continue
        named = _NUMBER.search(f"{text(row, 'description')} {text(row, 'title')}")
        if named:
            found[text(row, "ticketID")] = named.group()
    return found


async def targets(session: Session, notes: Iterable[Any]) -> dict[str, str]:
    """Ticket id -> id of the ticket it was merged into. No request where no note tells of it."""
    told = numbers(notes)
    ids: dict[str, str] = {}
    for group in split(sorted(set(told.values()))):
        where = in_("ticketNumber", group)
        rows = await session.api.rows("Tickets", where, fields=("id", "ticketNumber"), urgent=True)
        ids.update((text(row, "ticketNumber"), text(row, "id")) for row in rows if isinstance(row, Mapping))
    return {ticket: ids.get(number, number) for ticket, number in told.items()}


def merged(snapshots: Sequence[Snapshot], into: Mapping[str, str]) -> tuple[Snapshot, ...]:
    """The snapshots, with those that were merged saying so. Who was opened again stands by itself."""
    return tuple(
        replace(s, ticket=replace(s.ticket, merged_into=into[s.ticket.id]))
        if s.ticket.closed and into.get(s.ticket.id, s.ticket.id) != s.ticket.id
        else s
        for s in snapshots
    )
