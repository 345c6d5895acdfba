"""Ledger: what a ticket's timeline holds of ratings, judged and entered with the ticket's assessment.

Whatever brought a rating (the PSA's survey, a field, a note, a webhook, a file), it is a fact of the timeline
first and is admitted there, so a figure can always be followed back to what somebody said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.clients import ClientBook
from connector.daemon.connection import BATCH, Connection
from connector.history.ours import WHY as OURS
from connector.history.ours import ours
from connector.model import Assignment, Event, Message, Rating, Ticket, Timeline
from connector.psa.port import Malformed, Snapshot
from connector.rules.policy import Policy
from connector.rules.ratedfields import rated_fields
from connector.rules.ratednotes import PREFIX, rated_notes
from connector.rules.ratings import Admitted, admit, key_of
from connector.store import cursors, events, people, ratings, tickets
from connector.store.ratings import Entry

NOBODYS = "no client's file matches the company of this ticket"
_CURSOR = "ledger"


async def from_fields(
    tx: AsyncConnection, c: Connection, snapshots: Sequence[Snapshot], new: Iterable[str], now: datetime
) -> tuple[list[tuple[str, Event]], list[Malformed]]:
    """What is new in the fields that survey tools write, and what in them cannot be read.

    `new`: tickets seen for the first time; when their fields were filled is not known, but hardly before
    they were closed.
    """
    telling = {one.ticket.id: one for one in snapshots if any(one.fields.values())}
    if not telling:
        return [], []
    before = await events.timelines(tx, c.name, telling)
    unseen = set(new)
    found: list[tuple[str, Event]] = []
    bad: list[Malformed] = []
    for ticket_id, shown in telling.items():
        ticket = shown.ticket
        policy = c.clients().for_ticket(c.name, ticket.client, ticket.client_id)
        if policy is None:
            continue
        seen_at = min(shown.updated_at or now, now)
        ended = (ticket.resolved_at or ticket.closed_at) if ticket_id in unseen else None
        said, unreadable = rated_fields(
            shown.fields,
            policy.px.fields,
            [event for event in before[ticket_id] if isinstance(event, Rating)],
            max(min(ended or seen_at, seen_at), ticket.opened_at),
            shown.version,
            ticket.contact,
        )
        found += [(ticket_id, rating) for rating in said]
        bad += [Malformed(ticket_id=ticket_id, reason=reason, body="") for reason in unreadable]
    return found, bad


async def take_in(tx: AsyncConnection, c: Connection, *, waiting: bool) -> set[str]:
    """Bring waiting ratings whose tickets are known by now into the timelines; returns these tickets.

    An import of thousands is many turns. `waiting`: whether any was found to wait.
    """
    if not (waiting or c.more_ratings):
        return set()
    at_hand = await ratings.at_hand(tx, c.name, BATCH)
    c.more_ratings = len(at_hand) == BATCH
    await events.merge(tx, c.name, [(entry.ticket_id, entry.rating) for entry in at_hand])
    return {entry.ticket_id for entry in at_hand}


async def read_notes(
    tx: AsyncConnection, conn: str, judged: Iterable[tuple[Ticket, Policy]], timelines: dict[str, Timeline]
) -> None:
    """Bring the timelines, here and in the store, to the ratings that notes tell, and no others."""
    facts: list[tuple[str, Event]] = []
    read: set[str] = set()
    for ticket, policy in judged:
        timeline = timelines.get(ticket.id, ())
        said = rated_notes(timeline, policy.px.notes, ticket.contact)
        told = [event for event in timeline if isinstance(event, Rating) and event.key.startswith(PREFIX)]
        if said == told:
            continue
        read.add(ticket.id)
        facts += [(ticket.id, rating) for rating in said]
        kept = [event for event in timeline if event not in told]
        timelines[ticket.id] = tuple(sorted([*kept, *said], key=lambda event: (event.at, event.key)))
    if read:
        await events.merge(tx, conn, facts, complete=read, replaceable_prefixes=(PREFIX,))


async def enter(
    tx: AsyncConnection,
    conn: str,
    judged: Iterable[tuple[Ticket, Policy | None]],
    timelines: Mapping[str, Timeline],
) -> bool:
    """Enter these tickets' ratings; True if the ledger is another one now."""
    every = list(judged)
    rated = [row for row in every if any(isinstance(e, Rating) for e in timelines.get(row[0].id, ()))]
    desk = await people.get(tx, conn) if rated else frozenset[str]()
    mine = await ours(tx, conn, (ticket for ticket, _ in rated))
    entries: list[Entry] = []
    for ticket, policy in rated:
        refused = OURS if ticket.id in mine else "" if policy else NOBODYS
        entries += _entries(conn, ticket, timelines[ticket.id], policy, desk, refused)
    return await ratings.rewrite(tx, conn, [ticket.id for ticket, _ in every], entries)


async def catch_up(c: Connection) -> None:
    """Judge all ratings by the rules in force, where that was not done yet; a few tickets a transaction.

    After a change of the rules, or an update of this program: ratings of closed tickets count as well, and
    their assessments are not made again. Done before the next turn, so that no figure shows half of them.
    """
    book, rules = c.clients(), c.rules()
    async with c.store.glance() as tx:
        if await cursors.get(tx, c.name, _CURSOR) == {"under": rules, "after": None}:
            return
    while True:
        async with c.store.begin(of=c.name) as tx:
            row = await cursors.get(tx, c.name, _CURSOR) or {}
            after = row["after"] if row.get("under") == rules else ""
            if after is None:
                return
            ids = await ratings.rated_tickets(tx, c.name, after, BATCH)
            if await _again(tx, c.name, ids, book):
                c.next_px = None  # the figure may be another one
            row = {"under": rules, "after": ids[-1] if len(ids) == BATCH else None}
            await cursors.put(tx, c.name, _CURSOR, row, c.now())


async def _again(tx: AsyncConnection, conn: str, ids: Sequence[str], book: ClientBook) -> bool:
    stored = await tickets.load(tx, conn, ids)
    timelines = await events.timelines(tx, conn, stored)
    judged = [
        (row.ticket, book.for_ticket(conn, row.ticket.client, row.ticket.client_id))
        for row in stored.values()
        if not row.gone
    ]
    return await enter(tx, conn, judged, timelines)


def _entries(
    conn: str, ticket: Ticket, timeline: Timeline, policy: Policy | None, desk: Collection[str], refused: str
) -> list[Entry]:
    """`refused`: why none of them counts, '' if they are admitted one by one."""
    if policy is None or refused:
        said = [event for event in timeline if isinstance(event, Rating)]
        rows: Iterable[Admitted] = [
            Admitted(key=key_of(one), rating=one, verdict="refused", why=refused) for one in said
        ]
    else:
        rows = admit(timeline, policy, desk)
    came_by = next((e.channel for e in timeline if isinstance(e, Message) and e.direction == "in"), "")
    return [
        Entry(
            conn=conn,
            ticket_id=ticket.id,
            key=row.key,
            rating=row.rating,
            client=policy.client if policy else "",
            contact=row.rating.actor.id or ("" if row.rating.actor.kind == "staff" else ticket.contact),
            board=_then(timeline, "group", row.rating.at, ticket.group),
            engineer=_then(timeline, "person", row.rating.at, ticket.owner),
            channel=came_by,
            verdict=row.verdict,
            why=row.why,
        )
        for row in rows
    ]


def _then(timeline: Timeline, what: str, at: datetime, now: str) -> str:
    """Who had it at an instant: whoever the next assignment took it from, else who has it now."""
    later = (e for e in timeline if isinstance(e, Assignment) and e.what == what and e.at > at)
    following = next(later, None)
    return now if following is None or not following.from_ else following.from_
