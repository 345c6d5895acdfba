"""Findings on hours: the PSA's SLA is counted at other times than the client's promises.

Where the PSA does not tell in which calendar it counts, it is asked whether it has one that would do.
"""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from connector.history.doctor.findings import Finding, file_of, some
from connector.history.lint.agreed import InForce, in_force
from connector.history.lint.report import Looked
from connector.history.lint.years import Year, year
from connector.rules.policy import ALWAYS
from connector.rules.worktime import WorkCalendar

_LOOKED = "the hours in which the SLA in force is counted, beside the client's calendar, for a year"
_WHY = "the two clocks drift apart every day: a ticket is late in one and in time in the other"


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two calendars for the same promises. `named`: theirs, in words; `whose`: the priorities, '' for all."""

    theirs: WorkCalendar
    named: str
    mine: WorkCalendar
    whose: str


def hours(seen: Looked) -> list[Finding]:
    """One finding for each two calendars that do not agree."""
    if seen.setup is None or not seen.policies:
        return []
    if "hours" in seen.setup.untold:
        return _nowhere(seen)
    found: dict[tuple[str, str, tuple[str, ...]], dict[str, None]] = {}
    for one in in_force(seen):
        for pair in _pairs(seen, one):
            for code, text, evidence in _compared(seen, pair):
                said = f"the SLA '{one.terms.name}' is counted {pair.named} {text}{pair.whose}"
                found.setdefault((code, said, evidence), {})[file_of(one.policy)] = None
    return [
        seen.fault(
            code,
            "hours",
            f"{said} ({some(files)})",
            looked_at=_LOOKED,
            why=_WHY,
            fix="count the SLA in a calendar with the client's hours and days off, or change `calendar` in "
            "the file; `px-connector calendar` copies one out of the PSA",
            evidence=evidence,
        )
        for (code, said, evidence), files in found.items()
    ]


def _compared(seen: Looked, pair: _Pair) -> list[tuple[str, str, tuple[str, ...]]]:
    """Code, words and evidence of the way in which they differ."""
    zone = ZoneInfo(pair.mine.timezone)
    there, here = year(pair.theirs, zone, seen.today), year(pair.mine, zone, seen.today)
    if there.always != here.always:
        code = "hours-24x7"
    elif there.week != here.week:
        code = "hours-differ"
    else:
        return _days_off(there, here)
    return [(code, "in other hours than the client's promises", (f"there: {there}", f"here: {here}"))]


def _days_off(there: Year, here: Year) -> list[tuple[str, str, tuple[str, ...]]]:
    more = sorted(day for day in here.off if day not in there.off)
    less = sorted(day for day in there.off if day not in here.off)
    told = [
        f"off {where} only: {some(day.isoformat() for day in days)}"
        for where, days in (("here", more), ("there", less))
        if days
    ]
    return (
        [("days-off-differ", "with other days off than the client's promises", tuple(told))] if told else []
    )


def _pairs(seen: Looked, one: InForce) -> list[_Pair]:
    """By priority the calendar of the SLA and that of the client's promise; none that cannot be read."""
    by_id = {calendar.id: calendar for calendar in seen.calendars}
    groups: dict[tuple[str, WorkCalendar], list[str]] = {}
    for target in one.terms.targets:
        promised = one.policy.target(target.priority)
        if promised is not None:
            number = target.calendar or _calendar_of(seen, one)
            groups.setdefault((number, promised.calendar), []).append(target.priority)
    if not one.terms.targets:
        groups[_calendar_of(seen, one), one.policy.calendar] = []
    found = []
    for (number, mine), priorities in groups.items():
        whose = f", for {some(priorities)}" if len(groups) > 1 else ""
        calendar = by_id.get(number)
        if number == ALWAYS:
            found.append(_Pair(WorkCalendar.always(), "in every hour,", mine, whose))
        elif calendar and calendar.hours:
            found.append(_Pair(calendar.hours.calendar(), f"in '{calendar.name}',", mine, whose))
    return found


def _calendar_of(seen: Looked, one: InForce) -> str:
    """The id of the calendar an SLA is counted in, ALWAYS, or '' where nobody knows."""
    assert seen.setup is not None
    if one.terms.hours == "always":
        return ALWAYS
    if one.terms.hours == "company":
        return seen.setup.calendar_of.get(one.company, "")
    return one.terms.calendar


def _nowhere(seen: Looked) -> list[Finding]:
    """Where the PSA does not tell in which calendar it counts: whether it has one that would do."""
    theirs = [one.hours.calendar() for one in seen.calendars if one.hours]
    files = []
    for policy in seen.policies:
        zone = ZoneInfo(policy.calendar.timezone)
        here = year(policy.calendar, zone, seen.today).week
        if theirs and all(year(one, zone, seen.today).week != here for one in theirs):
            files.append(file_of(policy))
    if not files:
        return []
    return [
        seen.fault(
            "hours-nowhere",
            "hours",
            f"no calendar of the PSA has the hours of {some(files)}",
            looked_at=_LOOKED,
            why="whichever calendar its SLA is counted in, the two disagree",
            fix="give the PSA a calendar with the client's hours, or change `calendar` in the file",
            evidence=[f"the PSA has: {some(one.name for one in seen.calendars)}"],
        )
    ]
