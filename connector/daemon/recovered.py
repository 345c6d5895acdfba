"""Changes that a PSA keeps no history of: what differs between two observations of a ticket. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from connector.model import NOBODY, Assignment, ClientChange, Event, PriorityChange, StatusChange
from connector.psa.port import Batch, Snapshot
from connector.store.tickets import StoredTicket


def recovered(before: StoredTicket | None, now: Snapshot, seen_at: datetime) -> list[Event]:
    """The changes between two observations, where the PSA keeps no history of them.

    They happened at the PSA's last-updated mark at the latest and carry its last editor, unless that is us:
    we write flags and nothing else, so whose change that was is not known. Of a ticket seen for the first
    time only the status of now is known, and only from that mark on.
    """
    at = min(now.updated_at or seen_at, seen_at)
    editor = NOBODY if "self" in now.editor.marks else now.editor
    ticket, old = now.ticket, None if before is None else before.ticket
    at = max(at, ticket.opened_at)
    found: list[Event] = []
    if ticket.status and (old is None or old.status != ticket.status):
        was = "" if old is None else old.status
        key = f"seen:status:{now.version}:{ticket.status}"
        found.append(StatusChange(at=at, key=key, actor=editor, from_=was, to=ticket.status))
    if old is None:
        return found
    if old.priority != ticket.priority:
        key = f"seen:priority:{now.version}:{ticket.priority}"
        found.append(PriorityChange(at=at, key=key, actor=editor, from_=old.priority, to=ticket.priority))
    if old.client != ticket.client:
        key = f"seen:client:{now.version}:{ticket.client}"
        found.append(ClientChange(at=at, key=key, actor=editor, from_=old.client, to=ticket.client))
    for what, was, is_ in (("person", old.owner, ticket.owner), ("group", old.group, ticket.group)):
        if was != is_:
            key = f"seen:{what}:{now.version}:{is_}"
            found.append(
                Assignment(
                    at=at,
                    key=key,
                    actor=editor,
                    what="group" if what == "group" else "person",
                    from_=was,
                    to=is_,
                )
            )
    return found


Told = Mapping[tuple[str, type[Event]], Sequence[tuple[datetime, str]]]


def told_changes(batches: Iterable[Batch]) -> Told:
    """What the PSA's own history tells, where it keeps one: by ticket and kind, when it led where."""
    found: dict[tuple[str, type[Event]], list[tuple[datetime, str]]] = {}
    for batch in batches:
        for ticket_id, event in batch.events:
            if isinstance(event, StatusChange | PriorityChange | ClientChange):
                found.setdefault((ticket_id, type(event)), []).append((event.at, event.to))
    return {of: sorted(changes, key=lambda change: change[0]) for of, changes in found.items()}


def is_told(ticket_id: str, event: Event, told: Told) -> bool:
    """Whether the PSA itself says what was seen; its own word has the better instant and author.

    The history is read after the ticket and may know more: what was seen need not be its last word, but
    its word as of then. Of the changes within one stamp the ticket may show any, or none yet.
    """
    changes = told.get((ticket_id, type(event)), ())
    if not isinstance(event, StatusChange | PriorityChange | ClientChange) or not changes:
        return False
    before = [to for at, to in changes if at < event.at][-1:]
    within = [to for at, to in changes if at == event.at]
    return event.to in (changes[-1][1], *before, *within)
