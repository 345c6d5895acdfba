"""Ratings that are sent to us, into the ledger: told apart from those we have, kept until they are entered.

A rating of a ticket waits for the daemon's next turn, which brings it into the ticket's timeline; where the
ticket is not known the PSA is asked for it, and the rating waits on. Sending it again changes nothing, and
words that come later are added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.clients import ClientBook
from connector.model import Rating
from connector.psa.port import Hint
from connector.rules.policy import Policy
from connector.rules.ratings import completed, refusal
from connector.rules.sentratings import Sent
from connector.store import events, inbox, people, ratings, tickets
from connector.store.ratings import Entry

NEXT_TURN = "is entered at the daemon's next turn"


@dataclass(slots=True)
class Received:
    """How many were new or brought something new, and how many were known. `unknown`: tickets nobody has
    seen. `errors`: (place in the list, what is wrong)."""

    new: int = 0
    known: int = 0
    unknown: set[str] = field(default_factory=set)
    errors: list[tuple[int, str]] = field(default_factory=list)


async def receive(
    tx: AsyncConnection, conn: str, sent: Sequence[Sent], book: ClientBook, now: datetime
) -> Received:
    """Keep what is new of these; nothing is entered yet, but for what is about no ticket."""
    ids = {one.ticket for one in sent if one.ticket}
    there = await tickets.known(tx, conn, ids)
    said = await _said(tx, conn, ids)
    outcome = Received(unknown=ids - there)
    kept: list[Entry] = []
    desk = await people.get(tx, conn)
    for place, one in enumerate(sent):
        policy = None if one.ticket else _client(book, conn, one.client)
        if not (one.ticket or policy):
            outcome.errors.append((place, f"client: no client's file is of {one.client!r}"))
            continue
        key = one.ticket, one.rating.key
        before = said.get(key)
        if before is None and policy is not None:
            before = await _alone(tx, conn, one.rating.key)
        rating = completed(before, one.rating) if before else one.rating
        said[key] = rating
        if rating == before:
            outcome.known += 1
            continue
        outcome.new += 1
        if policy is None:
            kept.append(_waiting(conn, one, rating, one.ticket in there))
        else:
            kept.append(_own(conn, policy, rating, desk))
    await ratings.keep(tx, list({(entry.ticket_id, entry.key): entry for entry in kept}.values()))
    hints = [Hint(ticket_id=id, action="rated", deliver_id=f"rated:{id}") for id in sorted(outcome.unknown)]
    await inbox.put(tx, conn, hints, now)
    return outcome


async def _said(tx: AsyncConnection, conn: str, ids: set[str]) -> dict[tuple[str, str], Rating]:
    """The ratings of these tickets as they were told, by ticket and key: entered or waiting."""
    found: dict[tuple[str, str], Rating] = {}
    for ticket_id, timeline in (await events.timelines(tx, conn, ids)).items():
        found.update(((ticket_id, e.key), e) for e in timeline if isinstance(e, Rating))
    waiting = await ratings.waiting_for(tx, conn, ids)
    return found | {(entry.ticket_id, entry.key): entry.rating for entry in waiting}


async def _alone(tx: AsyncConnection, conn: str, key: str) -> Rating | None:
    entry = await ratings.find(tx, conn, "", key)
    return None if entry is None else entry.rating


def _client(book: ClientBook, conn: str, name: str) -> Policy | None:
    """A client by the name of its file, or by a company of its own."""
    wanted = name.casefold()
    named = next((policy for policy in book.policies if policy.client.casefold() == wanted), None)
    return named or book.for_ticket(conn, name, name)


def _waiting(conn: str, one: Sent, rating: Rating, known: bool) -> Entry:
    why = NEXT_TURN if known else f"ticket {one.ticket} is not known; the PSA is asked for it"
    return Entry(
        conn=conn,
        key=rating.key,
        rating=rating,
        ticket_id=one.ticket,
        contact=rating.actor.id,
        verdict="waiting",
        why=why,
    )


def _own(conn: str, policy: Policy, rating: Rating, desk: frozenset[str]) -> Entry:
    """About no ticket: admitted at once."""
    why = refusal(rating, policy.px.own | desk)
    return Entry(
        conn=conn,
        key=rating.key,
        rating=rating,
        client=policy.client,
        contact=rating.actor.id,
        verdict="refused" if why else "counted",
        why=why,
    )
