"""Erase: a person's data out of every table, and out of the file itself.

Their marks are kept first, so that a turn under way makes nameless what it records; then every row is gone
through in short transactions beside the daemon, until nothing is found any more. The PSA is not touched.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, Text, and_, delete, func, make_url, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.errors import ConfigError, Unavailable
from connector.history.erasure.person import Person, find, mentions
from connector.history.erasure.rewrite import LEFT_ALONE, SEARCHED_BY, Rewriter
from connector.store import assessments, audit, erased, sql, starts
from connector.store.audit import Deed, Doer
from connector.store.postgres import Postgres
from connector.store.store import Store
from connector.store.whole import revisions, rows, sqlitefile
from connector.store.whole.rows import Plain, Row

_PAGE = 200  # rows of one short transaction
_TICKETS = 50  # whose rows are taken together: they stand side by side
_ALL = 1_000_000
_ROUNDS = 5
_OUR_LETTERS = ("errands", "happenings", "contracts", "notices")  # may quote what somebody said


@dataclass(frozen=True, slots=True)
class Erased:
    """`alias`: the id the contact goes on under; '' after a dry run. `tickets`: on which they are or wrote.

    `counts`: rows rewritten, or to be rewritten, by table.
    `rubbed_out`: nothing is left in the file either; None where that is the database server's business.
    """

    alias: str
    tickets: int
    counts: Mapping[str, int]
    rubbed_out: bool | None = None


async def erase(
    url: str, conn: str, who: str, by: Doer, now: datetime, *, also: Iterable[str] = (), dry: bool = False
) -> Erased:
    """Erase this contact, by the PSA's id or a mail address; `also`: names they are called by in texts.

    ConfigError for nobody, or if the tables are a newer version's: words of theirs may stand where this one
    does not look.
    """
    who = who.strip()
    if not who:
        raise ConfigError("--contact names nobody: give the PSA's number of the contact, or a mail address")
    await revisions.must_be_known(url)
    store = await Store.open(url)
    try:
        found = await _erase(store, conn, who, list(also), by, now, dry=dry)
        if not dry and (file := sqlitefile.file_of(url)) is not None:
            found = replace(found, rubbed_out=await _rub_out(store, file, now))
    finally:
        await store.close()
    if not dry and found.rubbed_out is None:
        await _vacuum(url, found.counts)
    return found


async def finish(store: Store, file: Path, before: datetime) -> bool | None:
    """Rub out of the store's file what an erasing begun `before` has left in it, because it was killed.

    None: there is nothing; False: somebody read all the while, and it is left. Unavailable as `rub_out`.
    """
    async with store.read() as tx:
        since = await erased.left(tx)
    return None if since is None or since >= before else await _rub_out(store, file, since)


async def _rub_out(store: Store, file: Path, since: datetime) -> bool:
    done = await asyncio.to_thread(sqlitefile.rub_out, file)
    if done:
        async with store.begin() as tx:
            await erased.rubbed_out(tx, since)
    return done


async def _erase(
    store: Store, conn: str, who: str, also: Sequence[str], by: Doer, now: datetime, *, dry: bool
) -> Erased:
    async with store.read() as tx:
        person = await find(tx, conn, who, also)
        eraser, marks = await erased.with_marks(tx, conn, person.ids, person.names)
    alias = "" if dry else eraser.nameless(who)
    if not dry:
        async with store.begin(of=conn) as tx:
            await erased.keep(tx, marks, now)
            await starts.forget(tx, conn)
            if not store.shared:
                await erased.leave(tx, now)
            await audit.add(tx, Deed(at=now, by=by, what="person erased", conn=conn, subject=alias))
    counts: Counter[str] = Counter()
    for _ in range(1 if dry else _ROUNDS):
        changed = await _round(store, person, Rewriter.of(person, eraser), dry=dry)
        counts.update(changed)
        if dry or not changed:
            break
        async with store.read() as tx:
            again = await find(tx, conn, who, also)
            person.tickets, person.touched = person.tickets | again.tickets, person.touched | again.touched
    else:
        raise Unavailable("the daemon goes on recording what was erased: stop it, and erase once more")
    if counts and not dry:
        async with store.begin(of=conn) as tx:
            await assessments.judge_again(tx, conn, sorted(person.near), now)
    return Erased(alias, len(person.near), dict(sorted(counts.items())))


async def _round(store: Store, person: Person, rewriter: Rewriter, *, dry: bool) -> Counter[str]:
    counts: Counter[str] = Counter()
    for one in rows.tables():
        if one.name in LEFT_ALONE:
            continue
        seen: set[Row] = set()
        for where, size in _candidates(one, person):
            seen |= await _through(store, one, where, size, rewriter, dry=dry)
        if seen:
            counts[one.name] = len(seen)
    return counts


def _candidates(one: Plain, person: Person) -> Iterator[tuple[ColumnElement[bool], int]]:
    """Where in a table something of the person may stand, and how many rows to take at a time."""
    c = one.clause.c
    ticket = c.id if one.name == "tickets" else c.get("ticket_id")
    if ticket is not None:
        for part in sql.parts(sorted(person.near), _TICKETS):
            yield and_(c.conn == person.conn, ticket.in_(part)), _ALL
    here = c.conn.in_(("", person.conn)) if "conn" in c else and_(True)
    if one.name == "quarantine":
        yield here, _PAGE
    if "contact" in c:
        yield and_(here, func.lower(c.contact).in_([id.lower() for id in person.ids])), _PAGE
    texts = [column for column in c if isinstance(column.type, Text) and column.name not in SEARCHED_BY]
    if person.names and texts:
        yield and_(here, or_(*(mentions(column, person.names) for column in texts))), _PAGE
    if person.said and one.name in _OUR_LETTERS:
        yield (
            and_(here, or_(*(column.contains(mark) for column in texts for mark in ("“", "\\u201c")))),
            _PAGE,
        )


async def _through(
    store: Store, one: Plain, where: ColumnElement[bool], size: int, rewriter: Rewriter, *, dry: bool
) -> set[Row]:
    """Rewrite what is to be; returns the keys of it. With `dry` nothing is written."""
    names = [column.name for column in one.columns]
    changed: set[Row] = set()
    after: Row | None = None
    while True:
        async with store.read() if dry else store.begin(of=rewriter.person.conn) as tx:
            page = await rows.page(tx, one, after, where, size)
            for values in page:
                row = dict(zip(names, values, strict=True))
                kept = rewriter.row(one.name, row)
                if kept != row:
                    changed.add(one.key_of(values))
                    if not dry:
                        await _put(tx, one, values, {n: v for n, v in kept.items() if v != row[n]})
        if len(page) < size:
            return changed
        after = one.key_of(page[-1])


async def _put(tx: AsyncConnection, one: Plain, row: Row, changes: Mapping[str, object]) -> None:
    """Rows that were told apart by what is erased only are one from now on."""
    key = dict(zip(one.key, one.key_of(row), strict=True))
    same = [column == value for column, value in key.items()]
    if changes.keys() & {column.name for column in key}:
        there = [column == changes.get(column.name, value) for column, value in key.items()]
        if await tx.scalar(select(one.key[0]).where(*there)) is not None:
            await tx.execute(delete(one.clause).where(*same))
            return
    await tx.execute(update(one.clause).where(*same).values(changes))


async def _vacuum(url: str, tables: Iterable[str]) -> None:
    """Let the server use again what the old rows took; when it writes over it is its own business."""
    database = Postgres(make_url(url))
    try:
        async with database.writer.connect() as session:
            await session.execution_options(isolation_level="AUTOCOMMIT")
            await session.execute(text("SET statement_timeout = 0"))
            for name in tables:
                await session.execute(text(f"VACUUM {name}"))
    finally:
        await database.close()
