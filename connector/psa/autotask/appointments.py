"""Appointments: a service call, the tickets on it and who goes are three entities.

They are read from either end: calls that changed, for the stream; tickets' calls, for a whole timeline.
Each step is one request for up to 500, and none is made for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from connector.model import Event
from connector.psa.autotask import mapping
from connector.psa.autotask.filters import in_, split
from connector.psa.autotask.session import Session
from connector.psa.port import Batch, Malformed
from connector.psa.together import together
from connector.psa.values import Unreadable, text, whole

APPOINTMENTS = "appointments"


async def of_calls(session: Session, calls: Iterable[Any]) -> Batch:
    """What these service calls mean to their tickets."""
    by_id = _by_id(calls)
    return await _told(session, by_id, await _rows(session, "ServiceCallTickets", "serviceCallID", by_id))


async def of_tickets(session: Session, ticket_ids: Iterable[int]) -> Batch:
    """The appointments of these tickets."""
    links = await _rows(session, "ServiceCallTickets", "ticketID", ticket_ids)
    wanted = {call for row in links if type(call := row.get("serviceCallID")) is int}
    return await _told(session, _by_id(await _rows(session, "ServiceCalls", "id", wanted)), links)


async def _told(session: Session, calls: Mapping[int, Any], links: list[Any]) -> Batch:
    going = await _rows(session, "ServiceCallTicketResources", "serviceCallTicketID", _by_id(links))
    who = {text(row, "serviceCallTicketID"): text(row, "resourceID") for row in reversed(going)}
    events: list[tuple[str, Event]] = []
    bad: list[Malformed] = []
    for link in links:
        call, ticket_id = calls.get(whole(link, "serviceCallID") or 0), text(link, "ticketID")
        if call is None or not ticket_id:
            continue
        try:
            found = mapping.appointment(call, ticket_id, who.get(text(link, "id"), ""), session.reader)
        except Unreadable as error:
            bad.append(mapping.malformed(call, f"service call: {error}", ticket_id))
            continue
        if found is not None:
            events.append((ticket_id, found))
    return Batch(events=tuple(events), malformed=tuple(bad))


async def _rows(session: Session, entity: str, name: str, wanted: Iterable[int]) -> list[Any]:
    """Rows that name one of these; none, and no request, for none of them."""

    async def read(group: list[int]) -> list[Any]:
        return await session.api.rows(entity, in_(name, group))

    lists = await together(
        session.optional(APPOINTMENTS, partial(read, group)) for group in split(sorted(wanted))
    )
    return [row for rows in lists for row in rows if isinstance(row, Mapping)]


def _by_id(rows: Iterable[Any]) -> dict[int, Any]:
    return {row["id"]: row for row in rows if isinstance(row, Mapping) and type(row.get("id")) is int}
