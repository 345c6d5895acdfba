"""The PSA's own SLA clock, which believes the status and nothing else.

This is the trap the connector exists for: moving a ticket to "Assigned" makes the PSA say
"responded", whether or not anybody wrote to the customer. Stages only advance; waiting stops the
clock; minutes are working minutes of Monday to Friday, 08:00-18:00 in London.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connector.simulator.records import Priority, Sla, Stage

ZONE = ZoneInfo("Europe/London")
OPENS, CLOSES = time(8), time(18)
_DAY = 600
_WEEK = 5 * _DAY
_ORDER: dict[Stage, int] = {"open": 0, "responded": 1, "planned": 2, "resolved": 3}
_WORDS: dict[Stage, str] = {"open": "Respond", "responded": "Plan", "planned": "Resolve"}


def _position(at: datetime) -> int:
    """Working minutes from a fixed Monday to `at`."""
    local = at.astimezone(ZONE)
    week, weekday = divmod(local.toordinal() - 1, 7)
    if weekday >= 5:
        return (week + 1) * _WEEK
    minutes = local.hour * 60 + local.minute - OPENS.hour * 60
    return week * _WEEK + weekday * _DAY + min(max(minutes, 0), _DAY)


def working_minutes(start: datetime, end: datetime) -> int:
    return _position(end) - _position(start)


def after_working_minutes(start: datetime, minutes: int) -> datetime:
    """The instant at which that many working minutes have passed since `start`."""
    day, left = divmod(_position(start) + minutes, _DAY)
    if left == 0 and minutes > 0:
        day, left = day - 1, _DAY
    week, weekday = divmod(day, 5)
    monday = datetime.fromordinal(week * 7 + weekday + 1).replace(tzinfo=ZONE, hour=OPENS.hour)
    return (monday + timedelta(minutes=left)).astimezone(UTC)


def move(sla: Sla, stage: Stage, at: datetime, by: str) -> None:
    """A status of `stage` was set: stop or go on, and note which promises that fulfils."""
    gone = working_minutes(sla.since, at)
    if sla.waiting:
        sla.waited += gone
    elif sla.stage != "resolved":
        sla.spent += gone
    sla.since, sla.waiting = at, stage == "waiting"
    if stage == "waiting" or stage == sla.stage:
        return
    if sla.stage == "resolved":
        _reopen(sla)
    elif _ORDER[stage] > _ORDER[sla.stage]:
        _advance(sla, stage, at, by)


def _reopen(sla: Sla) -> None:
    sla.stage, sla.resolved_at, sla.resolved_by = "planned", None, ""
    sla.spent, sla.resolve_min = sla.resolve_min, 0


def _advance(sla: Sla, stage: Stage, at: datetime, by: str) -> None:
    if sla.responded_at is None:
        sla.responded_at, sla.responded_by = at, by
        if stage == "responded":
            sla.respond_min = sla.spent
        else:
            sla.respond_skipped = sla.spent
    if stage != "responded" and sla.planned_at is None:
        sla.planned_at, sla.planned_by = at, by
        if stage == "planned":
            sla.plan_min = sla.spent
        else:
            sla.plan_skipped = sla.spent
    if stage == "resolved":
        sla.resolved_at, sla.resolved_by, sla.resolve_min = at, by, sla.spent
    sla.spent, sla.stage = 0, stage


def running(sla: Sla, now: datetime) -> int:
    """Working minutes of the current stage up to `now`."""
    if sla.waiting or sla.stage == "resolved":
        return sla.spent
    return sla.spent + working_minutes(sla.since, now)


def in_sla(sla: Sla, priority: Priority, now: datetime) -> bool:
    """Is every promise kept or still open, by the PSA's own sums."""
    current = running(sla, now)
    stage = sla.stage
    respond = current if stage == "open" else sla.respond_min + sla.respond_skipped
    plan_part = current if stage in ("open", "responded") else sla.plan_min + sla.plan_skipped
    plan = plan_part if stage == "open" else sla.respond_min + plan_part
    solve_part = sla.resolve_min if stage == "resolved" else current
    solve = solve_part if stage == "open" else sla.respond_min + sla.plan_min + solve_part
    return respond <= priority.respond and plan <= priority.plan and solve <= priority.resolve


def goal(sla: Sla, priority: Priority, stage: Stage, now: datetime) -> datetime | None:
    """Until when the promise that ends `stage` is kept; None when it is fulfilled or the clock stands."""
    if sla.waiting or sla.stage == "resolved" or _ORDER[stage] < _ORDER[sla.stage]:
        return None
    minutes = {"open": priority.respond, "responded": priority.plan, "planned": priority.resolve}[stage]
    used = (sla.respond_min if sla.stage != "open" else 0) + (sla.plan_min if sla.stage == "planned" else 0)
    return after_working_minutes(now, minutes - used - running(sla, now))


def words(sla: Sla, priority: Priority, now: datetime) -> str:
    """The PSA's text, e.g. "Respond by Fri 11/20 9:00 AM UTC+00"."""
    if sla.stage == "resolved":
        return "Resolved"
    due = goal(sla, priority, sla.stage, now)
    if due is None:
        return "Waiting"
    local = due.astimezone(ZONE)
    offset = int((local.utcoffset() or timedelta()).total_seconds() // 3600)
    clock = f"{local.hour % 12 or 12}:{local:%M %p}"
    return f"{_WORDS[sla.stage]} by {local:%a %m/%d} {clock} UTC{offset:+03d}"
