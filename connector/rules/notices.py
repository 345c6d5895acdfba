"""Notices: what is worth telling somebody, once an episode. Pure. When it is told: `noticetimes`.

An episode is one thing being so of one subject, from when it begins until it is over. People stop reading
what is repeated, so every rule here makes fewer: an episode is told once, one that comes straight back is the
same one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, get_args

from connector.rules.worktime import WorkCalendar

if TYPE_CHECKING:
    from connector.model import Assessment, BucketClock, BucketName, Ticket
    from connector.rules.policy import Policy

TicketEvent = Literal["followup_late", "missed", "red", "followup_due", "at_risk"]
ClientEvent = Literal["release", "plan_opened", "review_opened"]
OperatorEvent = Literal["connection_stopped", "audit_breach", "dead_letter", "quarantined"]
EventName = Literal[TicketEvent, ClientEvent, OperatorEvent]

TICKET_EVENTS: tuple[TicketEvent, ...] = get_args(TicketEvent)
OPERATOR_EVENTS: tuple[OperatorEvent, ...] = get_args(OperatorEvent)
WORST_FIRST: tuple[EventName, ...] = (
    "connection_stopped",
    "release",
    "followup_late",
    "missed",
    "red",
    "audit_breach",
    "dead_letter",
    "plan_opened",
    "review_opened",
    "followup_due",
    "at_risk",
    "quarantined",
)
PASSING: frozenset[EventName] = frozenset(["red", "followup_due", "at_risk", "quarantined"])
"""What asks for something now: over before it was told, it is not worth telling any more."""

DAMPED = timedelta(minutes=30)
"""What comes back within so long after it was over is the same episode."""

Channels = Mapping[EventName, tuple[str, ...]]
_NONE: Channels = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyRule:
    """Which events go to which channels, at once or collected, and when. All off by default.

    `digest_minute`: minute of the local day at which a digest is due; None: every full hour. `hours`:
    `always`, `working_hours` (of the ticket's own promise, else the client's), or a calendar of its own;
    outside of them nothing is sent.
    """

    at_once: Channels = field(default_factory=lambda: _NONE)
    digest: Channels = field(default_factory=lambda: _NONE)
    digest_minute: int | None = 8 * 60
    hours: Literal["always", "working_hours"] | WorkCalendar = "always"

    def channels(self, event: EventName) -> Iterator[tuple[str, bool]]:
        """Each channel of the event, and whether it is told there at once."""
        yield from ((channel, True) for channel in self.at_once.get(event, ()))
        yield from ((channel, False) for channel in self.digest.get(event, ()))

    def __bool__(self) -> bool:
        return bool(self.at_once or self.digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One thing that is so now. `key` tells it from others of its event; `since` where that is known.

    `begins`: whether an episode may begin with it; else it only goes on, like the risk of a paused clock.
    """

    event: EventName
    key: str = ""
    since: datetime | None = None
    bucket: BucketName | None = None
    begins: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """What is remembered of one episode on one channel: `id` of its notice."""

    id: str
    event: EventName
    key: str
    channel: str
    over_at: datetime | None


@dataclass(frozen=True, slots=True)
class Begun:
    condition: Condition
    channel: str
    at_once: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What a look at one subject changes: episodes that begin, come back, or are over."""

    begun: tuple[Begun, ...]
    back: tuple[str, ...]
    over: tuple[str, ...]


def conditions(answer: Assessment, ticket: Ticket, policy: Policy) -> Iterator[Condition]:
    """What is so of this ticket. A reopened one begins anew; one reported apart says nothing."""
    if answer.excluded:
        return
    over = ticket.closed or ticket.status.casefold() in policy.resolution.statuses
    times = answer.buckets["resolution"].reopened if "resolution" in answer.buckets else 0
    red: list[datetime] = []
    for bucket, clock in answer.buckets.items():
        if bucket == "followup":
            yield from _followup(clock)
        elif not over and clock.done_at is None:
            key = f"{bucket} {times}"
            if clock.state == "missed":
                yield Condition(event="missed", key=key, since=clock.missed_at, bucket=bucket)
                red += [clock.missed_at] if clock.missed_at else []
            elif _at_risk(clock):
                begins = clock.state == "running"
                yield Condition(
                    event="at_risk", key=key, since=clock.foreseen_at, bucket=bucket, begins=begins
                )
    if red:
        yield Condition(event="red", key=str(times), since=min(red))


def speaks(answer: Assessment) -> bool:
    """Whether `conditions` may find anything: quick, for the many tickets with nothing to say."""
    return any(
        clock.done_at is None and (name == "followup" or clock.state == "missed" or _at_risk(clock))
        for name, clock in answer.buckets.items()
    )


def _at_risk(clock: BucketClock) -> bool:
    return clock.state in ("running", "paused") and (
        clock.zone in ("orange", "red") or clock.foreseen_at is not None
    )


def _followup(clock: BucketClock) -> Iterator[Condition]:
    if clock.done_at is not None or clock.state in ("none", "met"):
        return
    yield Condition(event="followup_due", bucket="followup")
    if clock.missed_at is not None:
        yield Condition(event="followup_late", since=clock.missed_at, bucket="followup")


def changes(so: Iterable[Condition], known: Sequence[Episode], rule: NotifyRule, now: datetime) -> Changes:
    """What begins, comes back and is over, given what is so and what is known of the same subject."""
    latest: dict[tuple[str, str, str], Episode] = {}
    for episode in known:
        place = (episode.event, episode.key, episode.channel)
        other = latest.get(place)
        if other is None or (other.over_at is not None and _later(episode.over_at, other.over_at)):
            latest[place] = episode
    begun: list[Begun] = []
    back: list[str] = []
    going: set[str] = set()
    for condition in so:
        for channel, at_once in rule.channels(condition.event):
            before = latest.get((condition.event, condition.key, channel))
            if before is not None and before.over_at is None:
                going.add(before.id)
            elif not condition.begins:
                continue
            elif before is not None and before.over_at is not None and now - before.over_at < DAMPED:
                back.append(before.id)
            else:
                begun.append(Begun(condition, channel, at_once))
    over = [one.id for one in known if one.over_at is None and one.id not in going]
    return Changes(tuple(begun), tuple(back), tuple(over))


def _later(at: datetime | None, than: datetime) -> bool:
    return at is None or at > than
