"""Findings on hours: the PSA's SLA is counted at other times than the client's promises.

Where the PSA does not tell in which calendar it counts, it is asked whether it has one that would do.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from connector.history.doctor.findings import Finding, file_of, some
from connector.history.lint.agreed import InForce, in_force
from connector.history.lint.report import Looked
from connector.history.lint.years import Year, year
from connector.psa.port import VendorCalendar
from connector.rules.worktime import WorkCalendar

_LOOKED = "the hours in which the SLA in force is counted, beside the client's calendar, for a year"
_WHY = "the two clocks drift apart every day: a ticket is late in one and in time in the other"


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
