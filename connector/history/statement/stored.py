"""The facts of a statement out of the daemon's store, as of the end of its month."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.clients import ClientBook, load_clients, policy_of, written_rules
from connector.errors import NotFound
from connector.history.judging import judged
from connector.history.statement.collect import (
    Month,
    head_of,
    rating_fact,
    rules_of,
    ticket_fact,
)
from connector.history.statement.facts import Asked, Facts, Step, TicketFact
from connector.rules.policy import Policy
from connector.store import assessments, contracts, ratings, surveys, tickets
from connector.store.store import Store

BATCH = 200
"""Tickets judged at a time."""


def policy_for(config: Path, client: str) -> tuple[Policy, list[tuple[str, str]], ClientBook]:
    """The rules of a client, the very texts they were read from, and the rules of all.

    NotFound for a client without a file that can be used; ConfigError where it cannot be read.
    """
    book = load_clients(config)
    wanted = [one for one in book.policies if one.client.casefold() == client.casefold()]
    if not wanted:
        known = ", ".join(one.client for one in book.policies) or "none"
        more = "; some files cannot be used: see `px-connector check`" if book.errors else ""
        raise NotFound(f"no client's file is about {client!r}; there are: {known}{more}")
    files = written_rules(Path(wanted[0].source))
    return policy_of(files), files, book


async def from_store(
    store_url: str,
    book: ClientBook,
    policy: Policy,
    files: list[tuple[str, str]],
    span: Month,
    *,
    engineers: bool = False,
    seen: Callable[[int], None] = lambda done: None,
) -> Facts:
    """The facts of this client and month. `seen` hears how many tickets are done."""
    store = await Store.open(store_url)
    try:
        async with store.read() as tx:
            found, unreadable, gone = await _tickets(tx, policy, book, span, engineers, seen)
            window = span.until - timedelta(days=policy.px.window_days)
            first = min(span.since, window)
            entries = await ratings.listed(tx, client=policy.client, since=first, until=span.until)
            asked = await _asked(tx, policy.client, span)
            steps = await _steps(tx, policy, span)
    finally:
        await store.close()
    return Facts(
        head=head_of(
            policy.client,
            span,
            policy.calendar.timezone,
            "store",
            engineers=engineers,
            unreadable=unreadable,
            gone=gone,
        ),
        rules=rules_of(policy, files, standalone=False),
        tickets=found,
        ratings=[rating_fact(one, engineers=engineers) for one in entries if one.verdict != "waiting"],
        surveys=asked,
        steps=steps,
    )


async def _tickets(
    tx: AsyncConnection,
    policy: Policy,
    book: ClientBook,
    span: Month,
    engineers: bool,
    seen: Callable[[int], None],
) -> tuple[list[TicketFact], int, int]:
    found: list[TicketFact] = []
    done = unreadable = gone = 0
    for conn, ids in (await assessments.of_client(tx, policy.client)).items():
        for at in range(0, len(ids), BATCH):
            part = ids[at : at + BATCH]
            rows = await tickets.load(tx, conn, part)
            touched = [row for row in rows.values() if span.touches(row.ticket)]
            gone += sum(row.gone for row in touched)
            wanted = [row.ticket.id for row in touched if not row.gone]
            answers, strange = await judged(tx, conn, wanted, policy, book, span.until)
            unreadable += strange
            found += [
                ticket_fact(one.ticket, one.timeline, one.answer, policy, engineers=engineers, conn=conn)
                for one in answers
            ]
            done += len(part)
            seen(done)
    return found, unreadable, gone


async def _asked(tx: AsyncConnection, client: str, span: Month) -> list[Asked]:
    """Surveys of the month, oldest first; an answer that came later is not known yet."""
    mine = [one for one in await surveys.listed(tx, client=client) if span.since < one.at <= span.until]
    return [
        Asked(
            at=one.at,
            state="asked" if one.answered_at and one.answered_at > span.until else one.state,
            kind=one.kind,
            why=one.why,
            answered_at=one.answered_at if one.answered_at and one.answered_at <= span.until else None,
        )
        for one in reversed(mine)
    ]


async def _steps(tx: AsyncConnection, policy: Policy, span: Month) -> list[Step]:
    """All that happened to the contract until then, a plan's opening with the terms it opened with."""
    conn = policy.match.connection if policy.match else ""
    contract = await contracts.load(tx, conn, policy.client)
    known = [contract.plan, contract.release] if contract else []
    terms = {plan.number: plan.terms.plan for plan in known if plan}
    happened = [
        one for one in await contracts.told(tx, client=policy.client, until=span.until) if one.conn == conn
    ]
    return [
        Step(
            happening=one.happening,
            conn=conn,
            plan=terms.get(one.happening.number) if one.happening.kind == "plan_opened" else None,
        )
        for one in happened
    ]
