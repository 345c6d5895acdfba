"""Findings on hours: the PSA's SLA is counted at other times than the client's promises.

Two calendars are laid over each other for a year, in the client's zone: what a weekday usually looks like,
and the days that are off against that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from connector.history.doctor.findings import Finding, file_of, some
from connector.history.lint.agreed import InForce, in_force
from connector.history.lint.report import Looked
from connector.psa.port import VendorCalendar
from connector.rules.openinghours import WEEKDAYS
from connector.rules.worktime import WorkCalendar

DAYS = 364
DAY_MIN = 24 * 60
_MIDNIGHT = DAY_MIN - 1
"""Some write 23:59 for midnight."""

_LOOKED = "the hours in which the SLA in force is counted, beside the client's calendar, for a year"
_WHY = "the two clocks drift apart every day: a ticket is late in one and in time in the other"

Spans = tuple[tuple[int, int], ...]
"""Open minutes of a local day, from and to."""


@dataclass(frozen=True, slots=True)
class Year:
    """What each weekday usually is, and by date how many minutes are missing against that."""

    week: tuple[Spans, ...]
    off: Mapping[date, int]

    @property
    def always(self) -> bool:
        return all(spans == ((0, DAY_MIN),) for spans in self.week)

    def __str__(self) -> str:
        if self.always:
            return "24x7"
        groups: list[tuple[int, int, Spans]] = []
        for day, spans in enumerate(self.week):
            if groups and groups[-1][2] == spans:
                groups[-1] = (groups[-1][0], day, spans)
            else:
                groups.append((day, day, spans))
        return "; ".join(f"{_days(first, last)} {_spans(spans)}" for first, last, spans in groups if spans)


def year(calendar: WorkCalendar, zone: ZoneInfo, start: date) -> Year:
    """A calendar as seen in a zone, for DAYS from `start`."""
    days = [start + timedelta(days=n) for n in range(DAYS + 1)]
    nights = [datetime.combine(day, time(), zone).astimezone(UTC) for day in days]
    spans = [_local(calendar.openings(a, b), a) for a, b in pairwise(nights)]
    usual = [
        Counter(one for day, one in zip(days, spans, strict=False) if day.weekday() == number).most_common(1)
        for number in range(7)
    ]
    week = tuple(most[0][0] for most in usual)
    lacking = {day: _total(week[day.weekday()]) - _total(one) for day, one in zip(days, spans, strict=False)}
    return Year(week, {day: minutes for day, minutes in lacking.items() if minutes > 0})


def hours(seen: Looked) -> list[Finding]:
    """One finding for each two calendars that do not agree."""
    if seen.setup is None or not seen.policies:
        return []
    if "hours" in seen.setup.untold:
        return _nowhere(seen)
    found: dict[tuple[str, str, str, tuple[str, ...]], list[str]] = {}
    for one in in_force(seen):
        for theirs, named in _calendars(seen, one):
            for mine in _mine(one):
                for code, text, evidence in _compared(seen, theirs, mine):
                    key = (code, f"{named} {text}", one.terms.name, evidence)
                    if file_of(one.policy) not in found.setdefault(key, []):
                        found[key].append(file_of(one.policy))
    return [
        seen.fault(
            code,
            "hours",
            f"the SLA '{sla}' is counted {text} ({some(files)})",
            looked_at=_LOOKED,
            why=_WHY,
            fix="count the SLA in a calendar with the client's hours and days off, or change `calendar` in "
            "the file; `px-connector calendar` copies one out of the PSA",
            evidence=evidence,
        )
        for (code, text, sla, evidence), files in found.items()
    ]


def _compared(
    seen: Looked, theirs: WorkCalendar, mine: WorkCalendar
) -> list[tuple[str, str, tuple[str, ...]]]:
    """Code, words and evidence of each way in which they differ."""
    zone = ZoneInfo(mine.timezone)
    there, here = year(theirs, zone, seen.today), year(mine, zone, seen.today)
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


def _calendars(seen: Looked, one: InForce) -> list[tuple[WorkCalendar, str]]:
    """Those an SLA is counted in, with words for each; none that cannot be read."""
    assert seen.setup is not None
    if one.terms.hours == "always":
        return [(WorkCalendar.always(), "in every hour,")]
    number = (
        seen.setup.calendar_of.get(one.company, "") if one.terms.hours == "company" else one.terms.calendar
    )
    wanted = dict.fromkeys([number, *(target.calendar for target in one.terms.targets)])
    by_id: dict[str, VendorCalendar] = {found.id: found for found in seen.calendars}
    known = [by_id[id_] for id_ in wanted if id_ in by_id]
    return [(found.hours.calendar(), f"in '{found.name}',") for found in known if found.hours]


def _mine(one: InForce) -> list[WorkCalendar]:
    """The calendars of the client's promises to the priorities of this SLA, each once."""
    targets = [one.policy.target(target.priority) for target in one.terms.targets]
    calendars = {target.calendar.key: target.calendar for target in targets if target}
    return list(calendars.values()) or [one.policy.calendar]


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


def _local(spans: list[tuple[datetime, datetime]], midnight: datetime) -> Spans:
    """As minutes since midnight, by elapsed time; 23:59 is midnight."""
    minutes = [
        (round((a - midnight).total_seconds() / 60), round((b - midnight).total_seconds() / 60))
        for a, b in spans
    ]
    return tuple((a, DAY_MIN if b == _MIDNIGHT else b) for a, b in minutes)


def _total(spans: Spans) -> int:
    return sum(end - start for start, end in spans)


def _days(first: int, last: int) -> str:
    return WEEKDAYS[first] if first == last else f"{WEEKDAYS[first]}-{WEEKDAYS[last]}"


def _spans(spans: Spans) -> str:
    return ", ".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in spans)
