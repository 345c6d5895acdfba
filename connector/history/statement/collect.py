"""From what was judged to facts: a ticket with its clocks, a rating without what must not leave the house."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from typing import Literal
from zoneinfo import ZoneInfo

import connector
from connector.history.statement.facts import Head, Rules, TicketFact, Written
from connector.model import (
    NOBODY,
    Assessment,
    BucketClock,
    BucketName,
    Message,
    PsaVerdict,
    Ticket,
    Timeline,
    Watermelon,
)
from connector.rules.assess import too_early
from connector.rules.causes import Cause, causes
from connector.rules.contract import terms_of
from connector.rules.flattery import reopened_minutes
from connector.rules.policy import Policy
from connector.rules.worktime import MINUTE, WorkCalendar
from connector.store.ratings import Entry

SUMMARY = 120  # characters


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a client's own time zone, up to `until`. `text`: 2026-10."""

    text: str
    since: datetime
    until: datetime
    ends: datetime

    def touches(self, ticket: Ticket) -> bool:
        """Whether the ticket was open or finished in it."""
        over = max((at for at in (ticket.resolved_at, ticket.closed_at) if at is not None), default=None)
        return ticket.opened_at <= self.until and (over is None or over > self.since)


def month_of(text: str, timezone: str, until: datetime) -> Month:
    """The month 2026-10, no further than `until`. ValueError where it is none, or has not begun by then."""
    try:
        first = datetime.strptime(text, "%Y-%m").replace(tzinfo=ZoneInfo(timezone))
    except ValueError:
        raise ValueError(f"expected a month like 2026-10, got {text!r}") from None
    following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    since, ends = first.astimezone(UTC), following.astimezone(UTC)
    if until <= since:
        raise ValueError(f"{text} has not begun by {until.isoformat()}")
    return Month(first.strftime("%Y-%m"), since, min(ends, until), ends)


def rules_of(policy: Policy, files: Sequence[tuple[str, str]], *, standalone: bool) -> Rules:
    """The rules in force, as written and as they apply."""
    return Rules(
        digest=policy.digest,
        terms=terms_of(policy),
        targets={name: dict(target.minutes) for name, target in policy.targets.items()},
        holidays=version("holidays"),
        files=tuple(
            Written(name=name, sha256=sha256(text.encode()).hexdigest(), text=text) for name, text in files
        ),
        standalone=standalone,
    )


def head_of(
    client: str,
    span: Month,
    timezone: str,
    source: Literal["store", "log"],
    *,
    engineers: bool,
    unreadable: int,
    gone: int = 0,
) -> Head:
    """The first record of a statement."""
    return Head(
        client=client,
        month=span.text,
        since=span.since,
        until=span.until,
        month_ends=span.ends,
        timezone=timezone,
        source=source,
        made_by=made_by(),
        engineers=engineers,
        unreadable=unreadable,
        gone=gone,
    )


def made_by() -> str:
    return f"px-connector {connector.__version__}"


def ticket_fact(
    ticket: Ticket,
    timeline: Timeline,
    answer: Assessment,
    policy: Policy,
    *,
    engineers: bool,
    conn: str = "",
) -> TicketFact:
    """The ticket as `answer` judged it. People of the desk are named only with `engineers`."""
    target = policy.target(ticket.priority)
    calendar = policy.calendar if target is None else target.calendar
    said = _said(timeline, answer.at)
    apart = answer.excluded or too_early(ticket, policy)
    return TicketFact(
        conn=conn,
        id=ticket.id,
        opened_at=ticket.opened_at,
        finished_at=_finished_at(ticket, answer),
        summary=ticket.summary[:SUMMARY],
        url=ticket.url,
        priority=ticket.priority,
        board=ticket.group,
        contact=ticket.contact,
        channel=next((event.channel for event in said if event.direction == "in"), ""),
        engineer=ticket.owner if engineers else "",
        excluded=apart,
        clocks={name: _clock(clock) for name, clock in answer.buckets.items()},
        psa=_verdict(answer.psa, answer.at),
        psa_minutes=_psa_minutes(ticket, answer, calendar),
        causes=() if apart else _causes(ticket, answer, calendar, engineers),
        watermelon=answer.watermelon and _plain(answer.watermelon),
        reopened_minutes=_rounded(reopened_minutes(answer.buckets["resolution"], calendar)),
        messages=len(said),
        texts=sum(event.text is not None for event in said),
    )


def _said(timeline: Timeline, until: datetime) -> list[Message]:
    """What was said to or by the customer until then."""
    spoken = [event for event in timeline if isinstance(event, Message) and event.at <= until]
    return [message for message in spoken if message.direction != "internal"]


def _causes(ticket: Ticket, answer: Assessment, calendar: WorkCalendar, engineers: bool) -> tuple[Cause, ...]:
    return tuple(
        replace(
            one,
            who=one.who if engineers else "",
            minutes={kind: round(minutes, 2) for kind, minutes in one.minutes.items()},
        )
        for one in causes(ticket, answer, calendar)
    )


def rating_fact(entry: Entry, *, engineers: bool) -> Entry:
    """The rating as the ledger has it; who gave it is told by `contact`."""
    plain = replace(entry.rating, key="", actor=NOBODY)
    return replace(entry, rating=plain, engineer=entry.engineer if engineers else "")


def _finished_at(ticket: Ticket, answer: Assessment) -> datetime | None:
    """When the resolution that stood came, else when the PSA closed it; None while it is open."""
    ended = answer.buckets["resolution"].done_at or ticket.closed_at or ticket.resolved_at
    return ended if ended is not None and ended <= answer.at else None


def _psa_minutes(ticket: Ticket, answer: Assessment, calendar: WorkCalendar) -> dict[BucketName, float]:
    says = answer.psa
    times: dict[BucketName, datetime | None] = {
        "response": says.response_at,
        "resplan": says.resplan_at,
        "resolution": says.resolved_at,
    }
    begun = calendar.worked(ticket.opened_at)
    return {
        name: round(max(0.0, (calendar.worked(at) - begun) / MINUTE), 2)
        for name, at in times.items()
        if at is not None and at <= answer.at
    }


def _clock(clock: BucketClock) -> BucketClock:
    """What figures are worked out from; why a clock stands is for `explain`."""
    return replace(
        clock,
        elapsed_min=round(clock.elapsed_min, 2),
        target_min=_rounded(clock.target_min),
        event=None,
        pauses=(),
        stands="",
        foreseen_at=None,
        foreseen_why="",
    )


def _verdict(says: PsaVerdict, until: datetime) -> PsaVerdict:
    """Without its own words, and without what it came to say later."""
    times = {name: getattr(says, name) for name in ("response_at", "resplan_at", "resolved_at")}
    known = {name: at if at is not None and at <= until else None for name, at in times.items()}
    return replace(says, text="", **known)


def _plain(melon: Watermelon) -> Watermelon:
    return replace(melon, points=round(melon.points, 2))


def _rounded(minutes: float | None) -> float | None:
    return None if minutes is None else round(minutes, 2)
