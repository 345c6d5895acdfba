"""Ticket notes: what was written, by whom as far as Autotask says, and what the PSA writes by itself.

The first text of a ticket is its description and no note. Which tickets were merged is told only by notes
of types 93 and 94. Notes of rules come under types of their own, or dressed as a person's.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.simulator.autotask import names
from connector.simulator.autotask.entity import Entity, Field, Hints, blank, fields
from connector.simulator.autotask.tickets import Desk, number
from connector.simulator.records import Post

_MERGED, _ABSORBED = 93, 94
_CLICK_NOTES = 800_000_000  # ids of notes with the comment of a click
_MERGE_NOTES = 900_000_000  # ids of notes that the PSA writes about merging


@dataclass(frozen=True, slots=True)
class Note:
    """A note as Autotask keeps it."""

    id: int
    ticket: int
    at: datetime
    text: str
    type: int
    title: str
    publish: int
    resource: int | None = None
    contact: int | None = None


class Notes:
    """All notes of all tickets. Those of the generated past are told once and then kept."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.world = desk, desk.world
        self._past: list[Note] | None = None

    def entity(self) -> Entity:
        every = [
            Field("id", "long", lambda n: n.id),
            Field("ticketID", read=lambda n: n.ticket, refers="Ticket"),
            Field("title", "string", lambda n: n.title, read_only=False, length=250, webhook=True),
            Field("description", "string", lambda n: n.text, length=32_000, **_WRITABLE),
            Field("noteType", read=lambda n: n.type, picks=lambda: names.NOTE_TYPES, **_WRITABLE),
            Field("publish", read=lambda n: n.publish, picks=lambda: names.PUBLISH, **_WRITABLE),
            Field("creatorResourceID", read=lambda n: n.resource, refers="Resource"),
            Field("createdByContactID", read=lambda n: n.contact, refers="Contact"),
            Field("createDateTime", "datetime", lambda n: n.at),
            Field("lastActivityDate", "datetime", lambda n: n.at),
            *blank("integer", "impersonatorCreatorResourceID impersonatorUpdaterResourceID"),
        ]
        can = frozenset({"create"})
        return Entity("TicketNotes", "TicketNote", fields(*every), self._rows, self._get, can=can)

    def _get(self, note_id: int) -> Note | None:
        return next((n for n in self._rows(Hints(after=note_id - 1)) if n.id == note_id), None)

    def _rows(self, hints: Hints) -> Iterator[Note]:
        if hints.tickets is not None:
            live = [one for one in sorted(hints.tickets) if one in self.world.tickets.by_id]
            found = [note for one in live for note in self.of(one)]
        else:
            past = self._generated()
            first = bisect_right(past, hints.after, key=lambda note: note.id)
            found = [note for note in past[first:] if note.ticket in self.world.tickets.by_id]
            gone = {one.what.id for one in self.world.withdrawn if isinstance(one.what, Post)}
            new = (
                self.note(post)
                for post in self.world.new_posts
                if post.id > hints.after and post.id not in gone
            )
            found += [n for n in new if n is not None]
            found += [n for ticket in self.world.tickets.by_id for n in self._by_the_psa(ticket)]
        yield from sorted((note for note in found if note.id > hints.after), key=lambda note: note.id)

    def of(self, ticket: int) -> list[Note]:
        notes = [self.note(post) for post in self.world.posts(ticket)]
        return [note for note in notes if note is not None] + self._by_the_psa(ticket)

    def _generated(self) -> list[Note]:
        """Notes of the generated past, told once: it does not change any more."""
        if self._past is None:
            tickets = [t for t in self.world.tickets.by_id.values() if t.seeded >= 0]
            told = (self.note(post) for ticket in tickets for post in self.world.history(ticket))
            self._past = sorted((n for n in told if n is not None), key=lambda note: note.id)
        return self._past

    def note(self, post: Post) -> Note | None:
        """None when its ticket is gone, or for the text that is the ticket's description."""
        ticket = self.world.tickets.by_id.get(post.ticket)
        if ticket is None:
            return None
        if post.at == ticket.entered_at:
            opening = self.desk.opening(ticket)
            if opening is not None and opening.id == post.id:
                return None
        kind, title = _kind(post)
        resource = None if post.contact else self.desk.names.resource_of(post.created_by)
        publish = 1 if post.visible else 2
        return Note(post.id, post.ticket, post.at, post.text, kind, title, publish, resource, post.contact)

    def _by_the_psa(self, ticket: int) -> list[Note]:
        """Notes that nobody wrote: about merging, and with what was said to the thermometer."""
        said = [one for one in self.desk.clicked(ticket) if one.comment]
        notes = [
            Note(_CLICK_NOTES + one.id, ticket, one.updated_at, one.comment, 17, "Feedback", 2, names.SYSTEM)
            for one in said
        ]
        return notes + self._about_merging(ticket)

    def _about_merging(self, ticket_id: int) -> list[Note]:
        ticket, n = self.world.tickets.by_id[ticket_id], self.desk.names
        found = []
        if ticket.merged_into is not None and ticket.closed_at is not None:
            into = self.world.tickets.by_id.get(ticket.merged_into)
            text = f"This ticket was merged into {number(into) if into else ticket.merged_into}."
            by = n.resource_of(ticket.closed_by)
            place = _MERGE_NOTES + 2 * ticket_id
            found.append(Note(place, ticket_id, ticket.closed_at, text, _MERGED, "Merged Into Ticket", 2, by))
        if ticket.has_merged:
            for other in self.world.tickets.by_id.values():
                if other.merged_into == ticket_id and other.closed_at is not None:
                    text, by = f"Ticket {number(other)} was merged here.", n.resource_of(other.closed_by)
                    place = _MERGE_NOTES + 2 * other.id + 1
                    title = "Absorbed Another Ticket"
                    found.append(Note(place, ticket_id, other.closed_at, text, _ABSORBED, title, 2, by))
        return found


_WRITABLE: dict[str, Any] = {"read_only": False, "required": True, "webhook": True}


def _kind(post: Post) -> tuple[int, str]:
    """Note type and title. What rules send is of a type of its own, or looks like a person's summary."""
    if post.contact is not None:
        return 101, "Email from the customer"
    if post.member is not None:
        return 3, "Resolution" if post.resolution else "Reply" if post.visible else "Internal"
    if post.created_by.casefold().startswith("template"):
        return 2, "Service Desk Notification"
    return (13, "Workflow Rule") if post.id % 2 else (1, "Notification sent via Workflow Rule")
