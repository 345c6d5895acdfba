"""Why a promise was missed: in whose hands its time went by, read off the timeline.

A review that says "response was late 14 times" helps nobody; "11 of them lay with nobody" does. The time of
the promise is cut at every event and each piece belongs to whoever it waited for; the longest sum is the
cause, and the others are kept beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from connector.model import Assessment, Assignment, BucketClock, BucketName, Message, Reopen, Ticket
from connector.rules.worktime import MINUTE, WorkCalendar

CauseKind = Literal["nobody", "owner", "handed on", "customer", "came back"]
WORDS: Mapping[CauseKind, str] = {
    "nobody": "it lay with nobody",
    "owner": "it lay with its owner",
    "handed on": "it was handed on from one to the next",
    "customer": "the customer was asked, and the clock ran on",
    "came back": "it came back after it had been called solved",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """The cause of one miss. `minutes`: working minutes of the promise by whom they waited for."""

    ticket_id: str
    bucket: BucketName
    kind: CauseKind
    who: str  # who had it longest, '' for nobody
    minutes: Mapping[CauseKind, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One line of a Pareto table: `so_far` is the share of the misses explained down to here, 0..1."""

    kind: CauseKind
    misses: int
    so_far: float
    tickets: tuple[str, ...]


def causes(ticket: Ticket, answer: Assessment, calendar: WorkCalendar) -> Iterator[Cause]:
    """The cause of each promise of this ticket that was missed. `calendar`: the one they run by."""
    for bucket, clock in answer.buckets.items():
        if clock.missed_at is not None and bucket != "followup":
            yield _cause(ticket, answer, bucket, clock, clock.missed_at, calendar)


def pareto(found: Iterable[Cause]) -> list[Share]:
    """How many misses each cause explains, most first."""
    tickets: dict[CauseKind, list[str]] = {}
    for cause in found:
        tickets.setdefault(cause.kind, []).append(cause.ticket_id)
    total, so_far, rows = sum(map(len, tickets.values())), 0, []
    for kind, ids in sorted(tickets.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        so_far += len(ids)
        rows.append(
            Share(kind=kind, misses=len(ids), so_far=so_far / total, tickets=tuple(dict.fromkeys(ids)))
        )
    return rows


def _cause(
    ticket: Ticket,
    answer: Assessment,
    bucket: BucketName,
    clock: BucketClock,
    until: datetime,
    calendar: WorkCalendar,
) -> Cause:
    spent: Counter[CauseKind] = Counter()
    hands: Counter[tuple[CauseKind, str]] = Counter()
    begin = ticket.opened_at if bucket != "update" else _last_answer(answer, until, ticket.opened_at)
    for since, to, kind, who in _pieces(ticket, answer, until):
        worked = _worked(max(since, begin), to, clock, calendar)
        spent[kind] += worked
        hands[kind, who] += worked
    kind = max(spent, key=lambda one: (spent[one], one))
    who = max((pair for pair in hands if pair[0] == kind), key=lambda pair: (hands[pair], pair))[1]
    minutes = {one: worked / MINUTE for one, worked in spent.items() if worked}
    return Cause(ticket_id=ticket.id, bucket=bucket, kind=kind, who=who, minutes=minutes)


def _last_answer(answer: Assessment, until: datetime, opened_at: datetime) -> datetime:
    """When the promise of news that was missed began: with the word before."""
    said = (answer.timeline[verdict.event].at for verdict in answer.messages if verdict.counts)
    return max((at for at in said if at < until), default=opened_at)


def _pieces(
    ticket: Ticket, answer: Assessment, until: datetime
) -> Iterator[tuple[datetime, datetime, CauseKind, str]]:
    """From the opening to the miss: (since, to, whom it waited for, who had it)."""
    counting = {verdict.event for verdict in answer.messages if verdict.counts}
    owner, since, hops, back, asked = _first_owner(ticket, answer), ticket.opened_at, 0, False, False
    for index, event in enumerate(answer.timeline):
        if event.at >= until:
            break
        if isinstance(event, (Assignment, Message, Reopen)):
            yield since, event.at, *_waits(owner, hops, back, asked)
            since = max(since, event.at)
        if isinstance(event, Assignment):
            hops += bool(event.from_)
            owner = event.to if event.what == "person" else ""
        elif isinstance(event, Message):
            asked = index in counting if event.direction != "in" else False
        elif isinstance(event, Reopen):
            back, asked = True, False
    yield since, until, *_waits(owner, hops, back, asked)


def _waits(owner: str, hops: int, back: bool, asked: bool) -> tuple[CauseKind, str]:
    if asked:
        return "customer", owner
    if back:
        return "came back", owner
    if not owner:
        return "nobody", ""
    return ("handed on" if hops > 1 else "owner"), owner


def _first_owner(ticket: Ticket, answer: Assessment) -> str:
    """Who had it when it was opened: told by the first hand-over, else who has it now."""
    for event in answer.timeline:
        if isinstance(event, Assignment) and event.what == "person":
            return event.from_
    return ticket.owner


def _worked(since: datetime, to: datetime, clock: BucketClock, calendar: WorkCalendar) -> int:
    """Working microseconds of the piece, without those in which the clock stood."""
    if to <= since:
        return 0
    worked = calendar.worked(to) - calendar.worked(since)
    for begin, end in clock.pauses:
        first, last = max(since, begin), min(to, end or to)
        if first < last:
            worked -= calendar.worked(last) - calendar.worked(first)
    return worked
