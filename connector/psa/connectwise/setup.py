"""What is read once at the start: who we are let in as, statuses, priorities, members and fields.

Everything but the login is optional: what may not be read is noted and the rest runs.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from functools import partial
from typing import Any

from connector.model import FlagName
from connector.psa.connectwise.cases import find_place
from connector.psa.connectwise.companies import bind_companies
from connector.psa.connectwise.fields import (
    TICKET_SCREEN,
    Bound,
    Field,
    bind,
    custom_fields,
    from_definition,
    from_value,
    kind_of,
    watch,
)
from connector.psa.connectwise.reading import ENTRIES
from connector.psa.connectwise.session import Session
from connector.psa.kinds import kinds
from connector.psa.port import PsaFacts
from connector.psa.recall import listed, may_be_read
from connector.psa.together import together
from connector.psa.values import number, numbered, text

FIELDS = "custom field definitions"
_STREAMS = {feature: path for feature, (path, _, _) in ENTRIES.items()} | {"surveys": "service/surveys"}


async def start(session: Session, captions: Mapping[FlagName, frozenset[str]], *notes: str) -> PsaFacts:
    """Everything `PsaFacts` tells. AuthFailed if we are not let in."""
    session.off.clear()
    await session.locate()
    address = await session.api.address()
    server = await session.api.server()
    calls: list[Coroutine[Any, Any, Any]] = [
        session.load_people(),
        _statuses(session),
        _priorities(session),
        _bind(session, captions),
        find_place(session, session.api, session.config.cases),
        *(_probe(session, feature, path) for feature, path in _STREAMS.items()),
    ]
    found, statuses, priorities, bound, (session.place, unplaced), *_ = await together(calls)
    found = [*notes, *found, *unplaced, *session.api.transport.clock.notes()]
    session.binding = bound.binding
    found += bound.notes + [f"{what} is off: {why}" for what, why in session.off.items()]
    found += [
        f"the status {name!r} means {' and '.join(sorted(stages))} on different boards"
        for name, stages in statuses.items()
        if len(stages) > 1
    ]
    return PsaFacts(
        server=f"ConnectWise PSA {text(server, 'version') or address.version} ({address.host.host})",
        me=session.people.me,
        people=session.people.addresses(),
        statuses={name: "/".join(sorted(stages)) for name, stages in statuses.items()},
        priorities=tuple(priorities),
        fields={f.caption: str(f.id) for fields in bound.binding.fields.values() for f in fields},
        kinds=kinds(bound.binding.fields, kind_of),
        missing_fields=tuple(bound.missing),
        notes=tuple(found),
    )


async def _statuses(session: Session) -> dict[str, set[str]]:
    """Status name to its SLA stages: names repeat from board to board with other ids (facts §6.5, §6.6)."""
    boards = await session.optional("board statuses", partial(session.api.rows, "service/boards"))
    ids = [row["id"] for row in numbered(boards) if row.get("inactiveFlag") is not True]
    lists = await together(
        session.optional("board statuses", partial(session.api.rows, f"service/boards/{board}/statuses"))
        for board in ids
    )
    found: dict[str, set[str]] = {}
    for row in (row for rows in lists for row in rows if isinstance(row, dict)):
        name, stage = text(row, "name"), text(row, "escalationStatus")
        if name and row.get("inactive") is not True:
            found.setdefault(name, set()).update({stage} - {""})
    return found


async def _priorities(session: Session) -> list[str]:
    rows = await session.optional("priorities", partial(session.api.rows, "service/priorities"))
    listed = [row for row in rows if isinstance(row, dict) and text(row, "name")]
    return [text(row, "name") for row in sorted(listed, key=lambda row: number(row, "sortOrder"))]


async def _probe(session: Session, feature: str, path: str) -> None:
    """One row, to know now and not in an hour whether this may be read."""
    if not may_be_read(session.api.recall):
        await session.optional(feature, partial(session.api.first, path))


async def _on_a_ticket(session: Session) -> list[Any]:
    """The custom fields that tickets have, by the one that is listed first; not what that one says."""
    query = {"fields": "id,customFields"}
    tickets = await session.optional("tickets", partial(session.api.first, "service/tickets", query))
    first = tickets[0] if tickets and isinstance(tickets[0], dict) else {}
    return [{**item, "value": None} for item in custom_fields(first)]


async def _bind(session: Session, captions: Mapping[FlagName, frozenset[str]]) -> Bound[FlagName]:
    """Captions to fields: the definitions say what they are, a ticket says which of them tickets have."""
    rows = await session.optional(FIELDS, partial(session.api.rows, "system/userDefinedFields"))
    items = await listed(session.api.recall, "fields of a ticket", partial(_on_a_ticket, session))
    shown = [f for f in map(from_value, items) if f is not None]
    on_tickets = {f.id for f in shown}
    defined = [(from_definition(row), text(row, "screenId")) for row in rows if isinstance(row, dict)]
    known: list[tuple[Field, str]] = [
        (f, TICKET_SCREEN if f.id in on_tickets else screen) for f, screen in defined if f is not None
    ]
    ids = {f.id for f, _ in known}
    known += [(f, TICKET_SCREEN) for f in shown if f.id not in ids]
    bound = bind(captions, known, session.config.fields)
    session.watch, notes = watch(session.watched, known, session.config.fields)
    bound.notes += notes + await bind_companies(session, rows)
    return bound
