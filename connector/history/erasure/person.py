"""Who is meant: every id, name and address under which the store knows a person, and the tickets of theirs.

PSAs number contacts and mostly leave names and addresses out of what they tell us. So a mail address leads to
an id only where a mail's own headers are kept, and further names can be given by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import getaddresses

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.model import Event, Message, Rating
from connector.rules.erasing import words_of
from connector.store import sql
from connector.store.schema import events, ratings, surveys, tickets
from connector.ticketlog import event_from_json

_SENDERS = ("from", "reply-to", "sender")
_MOST = 10_000  # sayings that are looked for in our own letters


@dataclass(slots=True)
class Person:
    """`ids` of the PSA. `names`: of two words and more, and addresses; these alone are looked for in texts.

    `tickets`: they are the contact. `touched`: they wrote or rated. `said`: their comments, on one line.
    """

    conn: str
    ids: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    tickets: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    said: set[str] = field(default_factory=set)

    @property
    def near(self) -> set[str]:
        """Tickets on which we may have quoted them."""
        return self.tickets | self.touched

    def called(self, *names: str) -> None:
        """Remember these names and addresses, as far as texts can be searched for them."""
        self.names |= {name.strip() for name in names if len(words_of(name)) > 1 or "@" in name}


async def find(tx: AsyncConnection, conn: str, who: str, also: Iterable[str] = ()) -> Person:
    """Everything the store knows this contact by. `who`: the PSA's id or a mail address; `also`: names."""
    person = Person(conn, {who})
    person.called(who, *also)
    if "@" in who:
        for _, event in await _facts(tx, conn, mentions(events.c.doc, [who])):
            if event.actor.id and who.casefold() in {at.casefold() for _, at in _senders(event)}:
                person.ids.add(event.actor.id)
    for id in sorted(person.ids):
        spelt = json.dumps(id)
        mine = tickets.c.doc.icontains(f'"contact":{spelt}', autoescape=True)
        person.tickets |= set(await tx.scalars(select(tickets.c.id).where(tickets.c.conn == conn, mine)))
        author = events.c.doc.icontains(f'"actor":{{"id":{spelt},"kind":"contact"', autoescape=True)
        for ticket, event in await _facts(tx, conn, author):
            person.touched.add(ticket)
            _learn(person, event)
    for part in sql.parts(person.tickets):
        for _, event in await _facts(tx, conn, events.c.ticket_id.in_(part)):
            if event.actor.kind == "contact" and event.actor.id in ("", *person.ids):
                _learn(person, event)
    person.ids |= {name for name in person.names if "@" in name}  # by which surveys may have asked them
    lower = [id.lower() for id in person.ids]
    for table in (ratings, surveys):
        theirs = (table.c.conn == conn, func.lower(table.c.contact).in_(lower))
        person.touched |= set(await tx.scalars(select(table.c.ticket_id).where(*theirs)))
    person.touched.discard("")
    return person


def mentions(column: ColumnElement[str], names: Iterable[str]) -> ColumnElement[bool]:
    """Rows in which one of these may stand, as it is or as JSON writes it: the longest word of each."""
    found: list[ColumnElement[bool]] = []
    for name in sorted(names):
        word = max(words_of(name), key=len)
        spelt = {
            form for each in (word, word.upper(), word.title()) for form in (each, json.dumps(each)[1:-1])
        }
        found += [column.icontains(form, autoescape=True) for form in sorted(spelt)]
    return or_(false(), *found)


def _learn(person: Person, event: Event) -> None:
    person.called(event.actor.name, *(part for pair in _senders(event) for part in pair))
    if isinstance(event, Rating) and event.comment and len(person.said) < _MOST:
        person.said.add(" ".join(event.comment.split()))


def _senders(event: Event) -> list[tuple[str, str]]:
    """Names and addresses in the headers of a contact's own mail."""
    if not isinstance(event, Message) or event.actor.kind != "contact":
        return []
    return getaddresses([event.headers[name] for name in _SENDERS if name in event.headers])


async def _facts(tx: AsyncConnection, conn: str, where: ColumnElement[bool]) -> list[tuple[str, Event]]:
    found = []
    query = select(events.c.ticket_id, events.c.doc).where(events.c.conn == conn, where)
    for ticket, doc in await tx.execute(query):
        with suppress(ValueError):  # a fact that no timeline can hold is shown nowhere, and searched as text
            found.append((ticket, event_from_json(json.loads(doc))))
    return found
