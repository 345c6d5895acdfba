"""The facts of a statement out of a ticket log. It is read as a stream: only the month's tickets are kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from connector.history.logratings import Ahead, Rated
from connector.history.statement.collect import Month, head_of, rating_fact, rules_of, ticket_fact
from connector.history.statement.facts import Facts, TicketFact
from connector.model import Ticket, Timeline
from connector.rules.assess import assess
from connector.rules.policy import Policy
from connector.store.ratings import Entry


def from_log(
    items: Iterable[tuple[int, tuple[Ticket, Timeline] | ValueError]],
    ahead: Ahead,
    policy: Policy,
    files: list[tuple[str, str]],
    span: Month,
    *,
    client: str = "",
    engineers: bool = False,
) -> Facts:
    """The facts of the month. `client`: only tickets of this one, by the name the log has; '' for all."""
    found: list[TicketFact] = []
    unreadable = 0
    for _, item in items:
        if isinstance(item, ValueError):
            unreadable += 1
            continue
        ticket, timeline = item
        if not (span.touches(ticket) and _is(ticket, client)):
            continue
        try:
            answer = assess(ticket, timeline, policy, span.until, learnt=ahead.learnt)
        except (ValueError, OverflowError):
            unreadable += 1
            continue
        found.append(ticket_fact(ticket, timeline, answer, policy, engineers=engineers))
    first = min(span.since, span.until - timedelta(days=policy.px.window_days))
    return Facts(
        head=head_of(
            client or policy.client,
            span,
            policy.calendar.timezone,
            "log",
            engineers=engineers,
            unreadable=unreadable,
        ),
        rules=rules_of(policy, files, standalone=True),
        tickets=found,
        ratings=[
            rating_fact(_entry(one, policy), engineers=engineers)
            for one in ahead.rated
            if first < one.row.rating.at <= span.until and _is(one.ticket, client)
        ],
    )


def _is(ticket: Ticket, client: str) -> bool:
    return not client or ticket.client.casefold() == client.casefold()


def _entry(one: Rated, policy: Policy) -> Entry:
    """As the ledger would have it."""
    ticket, rating = one.ticket, one.row.rating
    return Entry(
        conn="",
        key=one.row.key,
        rating=rating,
        ticket_id=ticket.id,
        client=policy.client,
        contact=rating.actor.id or ("" if rating.actor.kind == "staff" else ticket.contact),
        board=ticket.group,
        engineer=ticket.owner,
        channel=one.channel,
        verdict=one.row.verdict,
        why=one.row.why,
    )
