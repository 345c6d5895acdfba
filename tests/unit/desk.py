"""A small pretend desk for tests of the rules: Berlin, Monday to Friday 09:00-12:00 and 13:00-17:00."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from connector.model import (
    CHANNELS,
    FLAGS,
    Actor,
    Appointment,
    Assessment,
    BucketName,
    Channel,
    Close,
    Event,
    Message,
    PriorityChange,
    Reopen,
    StatusChange,
    Ticket,
)
from connector.rules import lines
from connector.rules.assess import assess
from connector.rules.policy import (
    PauseRule,
    Policy,
    PxRule,
    ResolutionRule,
    ResplanRule,
    ResponseRule,
    RiskRule,
    Target,
    Zones,
)
from connector.rules.worktime import WorkCalendar

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = ("mon", "tue", "wed", "thu", "fri")
DESK = WorkCalendar("Europe/Berlin", {day: [("09:00", "12:00"), ("13:00", "17:00")] for day in DAYS})
ALWAYS = WorkCalendar.always("Europe/Berlin")

DANA = Actor("staff", "a4", "Dana", "Service desk")
DISPATCH = Actor("staff", "d1", "Dirk", "Dispatch")
CAROL = Actor("contact", "u17", "Carol")
ROBOT = Actor("automation", "bot", "Workflow")
STRANGER = Actor("unknown", "x9")

MINUTES: Mapping[BucketName, float] = {"response": 60, "resplan": 120, "update": 120, "resolution": 480}

POLICY = Policy(
    client="Acme",
    match=None,
    enforce_from=None,
    calendar=DESK,
    response=ResponseRule(channels=frozenset(CHANNELS)),
    resplan=ResplanRule(
        channels=frozenset[Channel](["phone", "visit", "chat", "time_entry"]),
        statuses=frozenset(["scheduled"]),
        not_by=frozenset(["dispatch"]),
    ),
    targets={"*": Target(minutes=MINUTES, calendar=DESK)},
    update_runs="while_ball_is_ours",
    pause=PauseRule(
        statuses=frozenset(["waiting customer", "on hold"]),
        buckets=frozenset[BucketName](["resplan", "update", "resolution"]),
    ),
    resolution=ResolutionRule(statuses=frozenset(["resolved", "completed"])),
    on_priority_change="retroactive",
    zones=Zones(),
    risk=RiskRule(),
    exclude_types=frozenset(["alert"]),
    exclude_statuses=frozenset(["merged"]),
    px=PxRule(),
    flags={flag: flag.replace("_", " ").title() for flag in FLAGS},
    digest="sha256:test",
)


def policy(**changes: Any) -> Policy:
    """The desk's policy with whole parts replaced."""
    return replace(POLICY, **changes)


def target(calendar: WorkCalendar = DESK, **minutes: float) -> Target:
    return Target(minutes=minutes, calendar=calendar)


def at(clock: str, day: int = 5) -> datetime:
    """A Berlin wall-clock time in January 2026 (the 5th is a Monday) as UTC."""
    hour, minute, *second = (int(part) for part in clock.split(":"))
    return datetime(2026, 1, day, hour, minute, *second, tzinfo=BERLIN).astimezone(UTC)


OPENED = at("09:00")


def ticket(**fields: Any) -> Ticket:
    return Ticket(**({"id": "1", "client": "Acme", "opened_at": OPENED, "priority": "Medium"} | fields))


def mail(
    when: datetime, actor: Actor = DANA, text: str = "I found the cause: the cable.", **more: Any
) -> Message:
    """An e-mail to the customer."""
    return Message(
        **({"at": when, "actor": actor, "direction": "out", "channel": "email", "text": text} | more)
    )


def reply(when: datetime, text: str = "It is still broken, see the picture.", **more: Any) -> Message:
    """An e-mail from the customer."""
    return mail(when, **({"actor": CAROL, "direction": "in", "text": text} | more))


def status(when: datetime, from_: str, to: str, actor: Actor = DANA, **more: Any) -> StatusChange:
    return StatusChange(at=when, from_=from_, to=to, actor=actor, **more)


def priority(when: datetime, from_: str, to: str) -> PriorityChange:
    return PriorityChange(at=when, from_=from_, to=to)


def closed(when: datetime, actor: Actor = DANA, **more: Any) -> Close:
    return Close(**({"at": when, "actor": actor, "to": "Closed"} | more))


def reopened(when: datetime, actor: Actor = DANA, to: str = "In Progress") -> Reopen:
    return Reopen(at=when, actor=actor, to=to)


def date_made(when: datetime, actor: Actor = DANA) -> Appointment:
    return Appointment(at=when, actor=actor)


def why(answer: Assessment, bucket: BucketName) -> str:
    """The line people read about this clock."""
    return lines.why(bucket, answer.buckets[bucket], answer.timeline, ZoneInfo(answer.timezone))


def judged(
    *events: Event, now: datetime, by: Policy = POLICY, of: Ticket | None = None, **more: Any
) -> Assessment:
    return assess(of or ticket(), events, by, now, **more)
