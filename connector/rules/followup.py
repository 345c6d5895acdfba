"""The closed loop: a customer who was unhappy hears from a person, within a time that was promised.

A negative rating opens it, whatever the ticket's status: most come when it is closed. Only a human answer
after it closes it; a status, a machine's mail or a note to each other does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connector.model import ZONES, BucketClock, Rating, Ticket, Zone
from connector.rules.course import edges
from connector.rules.experience import sentiment
from connector.rules.facts import Mark
from connector.rules.lines import moment, zone_named
from connector.rules.policy import Policy
from connector.rules.ratings import Admitted
from connector.rules.worktime import MINUTE


def unhappy(admitted: Sequence[Admitted], policy: Policy) -> list[Rating]:
    """The counted negative ratings of one ticket, earliest first."""
    return [
        one.rating
        for one in admitted
        if one.verdict == "counted" and sentiment(one.rating, policy.px) == "negative"
    ]


def followup(
    ratings: Sequence[Rating], answers: Sequence[Mark], policy: Policy, now: datetime
) -> tuple[BucketClock, datetime | None] | None:
    """The clock of the last follow-up and when its zone changes by itself; None where none was opened.

    `ratings`: the unhappy ones, `answers`: messages that count, both earliest first. A rating given while
    a follow-up is open belongs to it. Time is working time of the client's calendar and never pauses.
    """
    opened: list[tuple[datetime, Mark | None]] = []
    for rating in ratings:
        if opened and (opened[-1][1] is None or rating.at <= opened[-1][1][0]):
            continue
        opened.append((rating.at, next((mark for mark in answers if mark[0] > rating.at), None)))
    if not opened:
        return None
    late = sum(_missed_at(start, done, policy, now) is not None for start, done in opened)
    return _clock(*opened[-1], policy, now, late)


def _missed_at(start: datetime, done: Mark | None, policy: Policy, now: datetime) -> datetime | None:
    """Answered at the very deadline is in time; still open then is late, as for every clock."""
    due = _due(start, policy)
    if due is None or (due >= done[0] if done else due > now):
        return None
    return due


def _due(start: datetime, policy: Policy) -> datetime | None:
    minutes = policy.loop.deadline
    if minutes is None:
        return None
    return policy.calendar.at(policy.calendar.worked(start) + round(minutes * MINUTE))


def _clock(
    start: datetime, done: Mark | None, policy: Policy, now: datetime, late: int
) -> tuple[BucketClock, datetime | None]:
    calendar, due = policy.calendar, _due(start, policy)
    zero, target = calendar.worked(start), round((policy.loop.deadline or 0) * MINUTE)
    used = calendar.worked(done[0] if done else now) - zero
    missed_at = _missed_at(start, done, policy, now)
    limits = edges(target, policy.zones)
    zone: Zone = "red" if missed_at else "green"
    change = None
    if not done and due is not None and not missed_at:
        passed = sum(used >= edge for edge in limits)
        zone = ZONES[min(passed, 2)]
        change = due if passed >= 2 else calendar.at(zero + limits[passed])
    clock = BucketClock(
        state="none" if due is None else "missed" if missed_at else "met" if done else "running",
        zone=zone,
        target_min=policy.loop.deadline,
        elapsed_min=used / MINUTE,
        due_at=due,
        done_at=done[0] if done else None,
        missed_at=missed_at,
        event=done[1] if done else None,
        missed_times=late,
    )
    return clock, change


def loop_text(clock: BucketClock, ticket: Ticket, policy: Policy) -> str:
    """Who owes the unhappy customer a word, by when; after the deadline also who is told of it."""
    zone, rule = zone_named(policy.calendar.timezone), policy.loop
    owner = rule.owner or ticket.owner or "nobody yet"
    if clock.done_at is not None:
        return f"answered {moment(clock.done_at, zone)}{' (late)' if clock.missed_at else ''}"
    if clock.missed_at is not None:
        told = f"; with {rule.manager}" if rule.manager else ""
        return f"{owner}: late since {moment(clock.missed_at, zone)}{told}"
    return f"{owner}: answer by {moment(clock.due_at, zone)}" if clock.due_at else f"{owner}: answer"
