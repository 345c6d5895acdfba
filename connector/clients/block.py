"""Opening hours as the `calendar:` block of a client's file: the way back from a calendar to YAML.

A calendar taken over from a PSA is pasted into the client's file and is the client's own from then on. The
block says all four keys, so that nothing of defaults.yaml shows through but its `closures`, which are laid
together date by date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from connector.clients.forms import DAYS
from connector.rules.writtenhours import WrittenHours

MAX_NAME = 60
_WHOLE_DAY = ("00:00-24:00", "00:00-00:00")
_OPEN_BUT_FOR_DAYS_OFF = {"mon-sun": ["00:00-00:00"]}


def one_line(text: str) -> str:
    """Text from outside, fit for a comment or a terminal: no line breaks and nothing unprintable."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())


def as_mapping(hours: WrittenHours) -> dict[str, Any]:
    """The value of `calendar:`, for JSON."""
    return {
        "timezone": hours.timezone,
        "week": _week(hours),
        "holidays": {
            "country": None,
            "subdivision": None,
            "add": [str(day) for day in hours.holidays],
            "remove": [],
        },
        "closures": {str(day): list(intervals) for day, intervals in hours.closures.items()},
    }


def as_yaml(hours: WrittenHours, heading: Iterable[str] = ()) -> str:
    """The whole block, under a comment of these lines; a named day off has its name behind it."""
    lines = [f"# {one_line(line)}" for line in heading]
    lines += ["calendar:", f"  timezone: {hours.timezone}"]
    week = _week(hours)
    if isinstance(week, str):
        lines.append(f"  week: {week}")
    else:
        if week == _OPEN_BUT_FOR_DAYS_OFF:
            lines.append("  # 24x7 would ignore the days off; 00:00-00:00 is the whole day, too")
        lines += ["  week:", *(f"    {days}: {_flow(intervals)}" for days, intervals in week.items())]
    lines += ["  holidays:", "    country: null  # the days off are listed", "    subdivision: null"]
    add = [f"      - {day}{_comment(hours.names, day)}" for day in hours.holidays]
    lines += ["    add:", *add] if add else ["    add: []"]
    lines.append("    remove: []")
    closures = [f"    {day}: {_flow(i)}{_comment(hours.names, day)}" for day, i in hours.closures.items()]
    lines += ["  closures:", *closures] if closures else ["  closures: {}"]
    return "\n".join(lines) + "\n"


def in_short(hours: WrittenHours) -> str:
    """The week on one line.

    >>> from connector.rules.writtenhours import written_hours
    >>> in_short(written_hours("UTC", {"mon": [("09:00", "17:00")], "tue": [("09:00", "17:00")]}))
    'mon-tue 09:00-17:00'
    """
    week = _week(hours)
    if isinstance(week, str):
        return week
    return "; ".join(f"{days} {', '.join(intervals)}" for days, intervals in week.items())


def _week(hours: WrittenHours) -> str | dict[str, list[str]]:
    """Days with the same hours together. Open always is 24x7 only where no day is off: that ignores them."""
    week = {day: tuple(hours.week.get(day, ())) for day in DAYS}
    if all(len(intervals) == 1 and intervals[0] in _WHOLE_DAY for intervals in week.values()):
        return _OPEN_BUT_FOR_DAYS_OFF if hours.holidays or hours.closures else "24x7"
    found: dict[tuple[str, ...], list[str]] = {}
    for day, intervals in week.items():
        if intervals:
            found.setdefault(intervals, []).append(day)
    return {_named(days): list(intervals) for intervals, days in found.items()}


def _named(days: Sequence[str]) -> str:
    """ "mon-wed,fri" """
    runs = [[days[0]]]
    for before, day in pairwise(days):
        if DAYS.index(day) == DAYS.index(before) + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else run[0] for run in runs)


def _flow(intervals: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{one}"' for one in intervals) + "]"


def _comment(names: Mapping[date, str], day: date) -> str:
    name = one_line(names.get(day, ""))[:MAX_NAME]
    return f"  # {name}" if name else ""
