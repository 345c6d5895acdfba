"""A person's ruling, from what they point at to what is kept: made, listed, withdrawn.

Whoever has seen a message knows better than any rule. What they say holds for that author, or for texts
like this one of that author, from now on; the tickets concerned are judged again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.errors import NotFound
from connector.model import Cause, Message
from connector.rules.authorship.rulings import RuledContent, Ruling, marks
from connector.rules.authorship.templates import author_of
from connector.rules.authorship.unwrap import unwrap
from connector.store import audit, events, rulings, sql
from connector.store.audit import Deed, Doer
from connector.store.rulings import KeptRuling
from connector.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What somebody says: at least one of cause and content. `role`: by what right, as the audit has it."""

    by: str
    cause: Cause | None = None
    content: RuledContent | None = None
    why: str = ""
    role: str = "command line"

    def doer(self) -> Doer:
        return Doer(name=self.by, role=self.role, why=self.why)


@dataclass(frozen=True, slots=True)
class Made:
    """A ruling kept: its number, the connection, and how many open tickets are judged again. `known`: its
    author has done something on some ticket; if not, the id may be mistyped."""

    number: int
    connection: str
    ruling: Ruling
    sample: str
    concerned: int
    known: bool


async def on_author(store_url: str, connection: str, author: str, word: Word, now: datetime) -> Made:
    """Rule on all that an author (their id in the PSA) writes."""
    async with _open(store_url) as store, store.begin() as tx:
        return await rule_author(tx, connection, author, word, now)


async def on_message(
    store_url: str, key: str, word: Word, now: datetime, *, connection: str | None, ticket: str | None
) -> Made:
    """Rule on texts like this message's, by its author. NotFound says what to do when it is not one."""
    async with _open(store_url) as store, store.begin() as tx:
        return await rule_message(tx, key, word, now, connection=connection, ticket=ticket)


async def rule_author(tx: AsyncConnection, conn: str, author: str, word: Word, now: datetime) -> Made:
    """As `on_author`, within a transaction."""
    await sql.hold(tx, conn)
    return await _keep(tx, conn, author, frozenset(), "", word, now)


async def rule_message(
    tx: AsyncConnection,
    key: str,
    word: Word,
    now: datetime,
    *,
    connection: str | None,
    ticket: str | None,
    whole: bool = False,
) -> Made:
    """As `on_message`, within a transaction. `whole`: on all its author writes, if anybody is known to be."""
    found = [
        (conn, at, event)
        for conn, at, event in await events.find(tx, key)
        if connection in (None, conn) and ticket in (None, at) and isinstance(event, Message)
    ]
    if not found:
        raise NotFound(f"no message {key!r} in the store; `px-connector explain TICKET` shows their keys")
    if len(found) > 1:
        where = ", ".join(f"{conn} {at}" for conn, at, _ in found)
        raise NotFound(f"{key!r} is on several tickets ({where}): name one with --ticket and --connection")
    conn, _, message = found[0]
    author = author_of(message.actor)
    if whole and author:
        return await rule_author(tx, conn, author, word, now)
    await sql.hold(tx, conn)
    own = own_words(message)
    return await _keep(tx, conn, author, marks(own), own, word, now)


def own_words(message: Message) -> str:
    """What its writer typed, which is what a ruling on a text is about."""
    return unwrap(message.text or "", relayed=bool(message.headers)).own


async def every(store_url: str) -> Sequence[KeptRuling]:
    """All rulings ever made, oldest first."""
    async with _open(store_url) as store, store.read() as tx:
        return await rulings.every(tx)


async def withdraw(store_url: str, number: int, by: str, now: datetime) -> KeptRuling:
    """Take a ruling back; NotFound if none of this number is in force."""
    async with _open(store_url) as store, store.begin() as tx:
        kept = await take_back(tx, number, Doer(name=by, role="command line"), now)
    if kept is None:
        raise NotFound(f"no ruling {number} in force; see `px-connector rule --list`")
    return kept


async def take_back(tx: AsyncConnection, number: int, by: Doer, now: datetime) -> KeptRuling | None:
    """As `withdraw`, within a transaction; None if none of this number is in force."""
    kept = await rulings.withdraw(tx, number, by=by.name, at=now)
    if kept is not None:
        await sql.hold(tx, kept.conn)
        await rulings.make_due(tx, kept.conn, kept.ruling.author, now)
        deed = Deed(at=now, by=by, what="ruling withdrawn", conn=kept.conn, subject=str(number))
        await audit.add(tx, deed)
    return kept


def only_connection(named: str | None, known: Collection[str]) -> str:
    """The connection a ruling is for; NotFound says which there are."""
    if named is None and len(known) == 1:
        return next(iter(known))
    if named is None or named not in known:
        raise NotFound(f"name the connection with --connection: {', '.join(sorted(known))}")
    return named


async def _keep(
    tx: AsyncConnection,
    conn: str,
    author: str,
    lines: frozenset[str],
    text: str,
    word: Word,
    now: datetime,
) -> Made:
    ruling = Ruling(
        author=author,
        lines=lines,
        cause=word.cause,
        content=word.content,
        by=word.by,
        at=now,
        why=word.why,
    )
    sample = " ".join(text.split())
    number = await rulings.add(tx, conn, ruling, sample)
    concerned = await rulings.make_due(tx, conn, author, now)
    known = await rulings.has_part(tx, conn, author)
    said = " and ".join(one for one in (word.cause, word.content) if one)
    await audit.add(tx, Deed(at=now, by=word.doer(), what=f"ruled {said}", conn=conn, subject=str(number)))
    return Made(number, conn, ruling, sample, concerned, known)


@asynccontextmanager
async def _open(store_url: str) -> AsyncIterator[Store]:
    store = await Store.open(store_url)
    try:
        yield store
    finally:
        await store.close()
