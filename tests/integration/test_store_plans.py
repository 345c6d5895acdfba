"""The questions asked in every turn are answered from an index: SQLite's own plan says so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store import (
    assessments,
    audited,
    board,
    clientpage,
    errands,
    events,
    inbox,
    outbox,
    ratings,
    reasons,
    strangers,
    surveys,
    tickets,
    vitals,
)
from connector.store.store import Store
from tests.contract.store.makers import CONN, T0, assessed, at, note, stored

_ASKED: dict[str, tuple[Callable[[AsyncConnection], Awaitable[Any]], str]] = {
    "timers": (lambda tx: assessments.due(tx, CONN, T0, 9), "ix_assessments_due (conn=? AND next_at<?)"),
    "next timer": (lambda tx: assessments.next_due(tx, CONN), "ix_assessments_due (conn=?)"),
    "next timer of each": (lambda tx: vitals.next_due(tx, [CONN, "b"]), "ix_assessments_due (conn=?)"),
    "other policy": (lambda tx: assessments.other_policy(tx, CONN, "Acme", "x", 9), "ix_assessments_client"),
    "inbox": (lambda tx: inbox.take(tx, CONN, 9), "ix_inbox_waiting (conn=?)"),
    "stale": (lambda tx: tickets.stale(tx, CONN, T0, 9), "ix_tickets_stale (conn=? AND observed_at<?)"),
    "open tickets": (lambda tx: board.board(tx, limit=9), "ix_tickets_stale"),
    "zones": (lambda tx: board.zone_counts(tx), "ix_tickets_stale"),
    "timelines": (lambda tx: events.timelines(tx, CONN, ["1", "2"]), "(conn=? AND ticket_id=?)"),
    "ratings": (
        lambda tx: ratings.counted(tx, "Acme", T0, at(9)),
        "ix_ratings_client (client=? AND verdict=? AND at>? AND at<?)",
    ),
    "waiting ratings": (
        lambda tx: ratings.at_hand(tx, CONN, 9),
        "ix_ratings_verdict (conn=? AND verdict=?)",
    ),
    "rated tickets": (
        lambda tx: ratings.rated_tickets(tx, CONN, "", 9),
        "ix_events_ratings (conn=? AND ticket_id>?)",
    ),
    "owed": (
        lambda tx: outbox.owed(tx, CONN, T0, 9),
        "ix_outbox_next (conn=? AND state=? AND not_before<?)",
    ),
    "next retry": (lambda tx: reasons.find(tx, CONN), "ix_outbox_next (conn=? AND state=?)"),
    "next reason": (lambda tx: reasons.find(tx, CONN), "ix_inbox_waiting (conn=?)"),
    "reason of time": (lambda tx: reasons.find(tx, CONN), "ix_assessments_due (conn=?)"),
    "errands": (
        lambda tx: errands.owed(tx, CONN, T0, 9),
        "ix_errands_next (conn=? AND state=? AND not_before<?)",
    ),
    "next errand": (lambda tx: reasons.find(tx, CONN), "ix_errands_next (conn=? AND state=?)"),
    "our own tickets": (
        lambda tx: errands.opened(tx, CONN, ["1"]),
        "ix_errands_ticket (conn=? AND ticket_id=?)",
    ),
    "surveys": (lambda tx: surveys.of_tickets(tx, CONN, ["1"]), "ix_surveys_ticket (conn=? AND ticket_id=?)"),
    "a survey's link": (lambda tx: surveys.by_link(tx, "a"), "ix_surveys_link (link=?)"),
    "last asked": (
        lambda tx: surveys.last_asked(tx, CONN, "Acme", "c"),
        "ix_surveys_contact (conn=? AND client=? AND contact=?)",
    ),
    "asked today": (lambda tx: surveys.asked_since(tx, "Acme", T0), "ix_surveys_client (client=? AND at>?)"),
    "company": (
        lambda tx: tickets.company_of(tx, CONN, "Acme"),
        "ix_assessments_client (client=? AND conn=?)",
    ),
    "missed": (
        lambda tx: assessments.missed(tx, CONN, "Acme", T0, at(9), 9),
        "ix_assessments_client (client=? AND conn=?)",
    ),
    "a client's page": (
        lambda tx: clientpage.opened_since(tx, "Acme", T0),
        "ix_assessments_client (client=?)",
    ),
    "who waits for a word": (
        lambda tx: clientpage.waiting(tx, "Acme", 9),
        "ix_assessments_client (client=?)",
    ),
    "a sample": (
        lambda tx: audited.some_open(tx, CONN, 0.5, 9),
        "ix_tickets_stale (conn=? AND observed_at>?)",
    ),
    "longest unseen": (lambda tx: audited.longest_unseen(tx, CONN), "ix_tickets_stale (conn=?)"),
    "changes": (
        lambda tx: audited.changes(tx, CONN, ["1"], T0),
        "ix_history_ticket (conn=? AND ticket_id=?)",
    ),
    "strangers": (
        lambda tx: strangers.of(tx, CONN, ["1"], T0),
        "ix_strangers_ticket (conn=? AND ticket_id=? AND at>?)",
    ),
    "counts of ratings": (lambda tx: ratings.counts(tx), "COVERING INDEX ix_ratings_verdict"),
}


@pytest.mark.parametrize("question", _ASKED)
async def test_answered_from_an_index(tmp_path: Path, question: str) -> None:
    ask, expected = _ASKED[question]
    store = await Store.open(f"sqlite:///{tmp_path / 'px.db'}")
    async with store.begin() as tx:
        await tickets.put(tx, CONN, [stored(str(n), closed=n % 9 > 0) for n in range(900)])
        await events.merge(tx, CONN, [(str(n), note(f"note:{n}")) for n in range(900)])
        await assessments.save(tx, CONN, [assessed(str(n), next_at=at(n)) for n in range(900)])
    asked: list[tuple[str, Any]] = []

    async with store.read() as tx:

        def listen(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
            asked.append((statement, parameters))

        event.listen(tx.sync_connection, "before_cursor_execute", listen)
        await ask(tx)
        plan = [await _plan(tx, *one) for one in tuple(asked)]
    await store.close()
    assert expected in " / ".join(plan)


async def _plan(tx: AsyncConnection, statement: str, parameters: Iterable[Any]) -> str:
    rows = await tx.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, tuple(parameters))
    return " / ".join(row.detail for row in rows)
