"""Findings on hours: time zones, and calendars that know no day off."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

from connector.history.doctor.findings import Finding, Seen, file_of, not_seen, some
from connector.rules.worktime import WorkCalendar

ROUND_THE_CLOCK_S = 23 * 3600.0
"""A day with so many working seconds is a whole one: some write 23:59 for midnight."""


def zones(seen: Seen) -> list[Finding]:
    """Whether the zones of the PSA's calendars are known, and those of the clients are among them."""
    looked = "the time zones of the PSA's calendars and of the clients' files"
    if problem := seen.unseen.get("days off"):
        return [not_seen("time zones", looked, problem)]
    found = [
        Finding(
            check="time zones",
            severity="warning",
            looked_at=looked,
            found=f"calendar '{one.name}' of the PSA cannot be used: {one.problem}",
            why="the hours in which the PSA counts cannot be compared with the client's",
            fix="mend the calendar in the PSA; `px-connector calendar --timezone` names a zone by hand",
            code="calendar-unusable",
        )
        for one in seen.calendars
        if one.problem
    ]
    theirs = {one.hours.timezone for one in seen.calendars if one.hours}
    strange = sorted({policy.calendar.timezone for policy in seen.policies} - theirs) if theirs else []
    if strange:
        found.append(
            Finding(
                check="time zones",
                severity="note",
                looked_at=looked,
                found=f"no calendar of the PSA is in {some(strange)}; they are in {some(sorted(theirs))}",
                why="right for a client elsewhere; a slip here moves every due time by hours",
                fix="look at `calendar.timezone` in those clients' files",
                code="zone-of-no-calendar",
            )
        )
    fine = some(sorted(theirs)) or "the PSA has no calendars"
    return found or [Finding(check="time zones", severity="ok", looked_at=looked, found=fine)]


def days_off(seen: Seen) -> list[Finding]:
    """Calendars, of files and of the PSA, that know no day off in the year to come."""
    looked = "days off in the next twelve months, in the clients' files and the PSA's calendars"
    why = "clocks run on public holidays, and promises are missed on a day when nobody works"
    checked: dict[str, bool] = {}
    for policy in seen.policies:
        if policy.calendar.key not in checked:
            checked[policy.calendar.key] = lacks_days_off(policy.calendar, seen.today)
    found: list[tuple[str, str]] = []
    if files := [file_of(policy) for policy in seen.policies if checked[policy.calendar.key]]:
        found.append((f"no day off in {some(files)}", "add `calendar.holidays` there, or in defaults.yaml"))
    for one in seen.calendars:
        if one.hours and lacks_days_off(one.hours.calendar(), seen.today):
            said = f"no day off in the PSA's calendar '{one.name}'"
            found.append(
                (said, "give it a holiday list in the PSA, or add the coming year to the one it has")
            )
    findings = [
        Finding(
            check="days off",
            severity="warning",
            looked_at=looked,
            found=said,
            why=why,
            fix=fix,
            code="days-off-missing",
        )
        for said, fix in found
    ]
    if problem := seen.unseen.get("days off"):
        findings.append(not_seen("days off", looked, problem))
    fine = f"none lacks them: {len(checked)} of the clients, {len(seen.calendars)} of the PSA"
    return findings or [Finding(check="days off", severity="ok", looked_at=looked, found=fine)]


def lacks_days_off(calendar: WorkCalendar, today: date) -> bool:
    """Whether no weekday that is worked before and after is free in between, in the year from `today`.

    A desk that never closes lacks none.
    """
    zone, days = ZoneInfo(calendar.timezone), (today + timedelta(days=n) for n in range(-7, 374))
    nights = [datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC) for day in days]
    worked = [calendar.between(start, end).total_seconds() for start, end in pairwise(nights)]
    weekdays = [worked[n::7] for n in range(7)]
    if all(median(one) >= ROUND_THE_CLOCK_S for one in weekdays):
        return False
    return not any(_has_gap(one) for one in weekdays)


def _has_gap(worked: list[float]) -> bool:
    """Whether a zero stands between others."""
    open_at = [n for n, seconds in enumerate(worked) if seconds]
    return bool(open_at) and len(open_at) < open_at[-1] - open_at[0] + 1
