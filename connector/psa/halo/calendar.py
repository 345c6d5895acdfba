"""A Halo workday with its breaks and holidays, made into opening hours. No requests here.

Shape: `GET /Workday/{id}?includedetails=true`. `incmonday` … say which days are worked, `startmonday` …
and `endmonday` … when (or `start` and `end` if `alldayssame`); of those only the time counts, and it is
the workday's own. Of holidays Halo keeps two ways: a date at 00:00 is that date, any other time is an
instant in UTC, as everywhere in Halo. Agents' leave lies in the same table and closes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connector.psa.zones import iana_zone
from connector.rules.openinghours import WEEKDAYS, Spans, clock, week_spans, without
from connector.rules.writtenhours import WrittenHours, written_hours

Json = Mapping[str, Any]

RECUR = range(2010, 2041)
"""Years in which a recurring holiday is a holiday."""

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = timedelta(days=1)
_FAR = timedelta(days=366)


def opening_hours(workday: Json, holidays: Iterable[Json] | None = None) -> WrittenHours:
    """The workday's hours; `holidays` are rows of `/Holiday` where the workday carries none.

    An end at or before its start runs past midnight, the same time twice is the whole day, 23:59 as an
    end means midnight. ValueError, saying which field, if it cannot be.
    """
    name = f"workday {workday.get('name') or workday.get('id')}"
    try:
        zone = iana_zone(str(workday.get("timezone") or ""))
        rows = workday.get("holidays") if holidays is None else holidays
        ours = [row for row in _rows(rows) if _is_ours(row, workday)]
        days_off, closures, names = _days_off(ours, ZoneInfo(zone))
        return written_hours(zone, _week(workday), days_off, closures, names)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _week(workday: Json) -> dict[str, list[tuple[str, str]]]:
    """Working hours less breaks, by day."""
    open_ = {
        short: [_hours(workday, f"start{day}", f"end{day}")]
        for short, day in zip(WEEKDAYS, _DAYS, strict=True)
        if workday.get(f"inc{day}") is True
    }
    spans = week_spans(open_)
    for row in _rows(workday.get("breaks")):
        pause = _pair(row, "start", "end")
        named = [short for short, day in zip(WEEKDAYS, _DAYS, strict=True) if row.get(f"inc{day}") is True]
        if named and pause[0] != pause[1]:
            off = week_spans({short: [pause] for short in named})
            spans = tuple(without(worked, gone) for worked, gone in zip(spans, off, strict=True))
    return {short: _texts(worked) for short, worked in zip(WEEKDAYS, spans, strict=True)}


def _hours(workday: Json, start: str, end: str) -> tuple[str, str]:
    if workday.get("alldayssame") is True:
        return _pair(workday, "start", "end")
    return _pair(workday, start, end)


def _pair(row: Json, start: str, end: str) -> tuple[str, str]:
    opens, closes = (_moment(row, name).strftime("%H:%M:%S") for name in (start, end))
    return opens, _closing(closes)


def _closing(clock: str) -> str:
    return "24:00" if clock[:5] == "23:59" else clock


def _texts(spans: Spans) -> list[tuple[str, str]]:
    return [(clock(start), clock(end)) for start, end in spans]


def _rows(found: Any) -> list[Json]:
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, Iterable) else []


def _is_ours(row: Json, workday: Json) -> bool:
    """Not an agent's leave, and not another workday's."""
    other = row.get("workday_id") and workday.get("id") and row["workday_id"] != workday["id"]
    return not row.get("agent_id") and not other


def _days_off(
    rows: Iterable[Json], zone: ZoneInfo
) -> tuple[list[date], dict[date, list[tuple[str, str]]], dict[date, str]]:
    """Whole days, parts of days, and the names of both."""
    days: list[date] = []
    closures: dict[date, list[tuple[str, str]]] = {}
    names: dict[date, str] = {}
    for row in rows:
        first, last = _local(row, "date", zone), _local(row, "end_date", zone, instead="date")
        if last - first > _FAR:
            raise ValueError(f"end_date: a holiday of more than a year, to {last:%Y-%m-%d}")
        for start, end in _each_year(first, max(first, last)) if row.get("isrecurring") else [(first, last)]:
            if row.get("allday") is False:
                pieces = list(_pieces(start, end))
                for day, hours in pieces:
                    closures.setdefault(day, []).append(hours)
                gone = [day for day, _ in pieces]
            else:
                gone = [start.date() + n * _DAY for n in range(max(0, (end.date() - start.date()).days) + 1)]
                days += gone
            names |= dict.fromkeys(gone, str(row.get("name") or ""))
    return days, closures, names


def _each_year(first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The same days in every year; 29 February only where there is one."""
    for year in RECUR:
        try:
            start = first.replace(year=year)
        except ValueError:
            continue
        yield start, start + (last - first)


def _pieces(start: datetime, end: datetime) -> Iterator[tuple[date, tuple[str, str]]]:
    """A part-day holiday, cut at midnights."""
    while start < end:
        midnight = datetime.combine(start.date() + _DAY, time())
        yield start.date(), (f"{start:%H:%M:%S}", "24:00" if midnight <= end else _closing(f"{end:%H:%M:%S}"))
        start = midnight


def _local(row: Json, name: str, zone: ZoneInfo, instead: str = "") -> datetime:
    """A holiday's date on the workday's clock, without its zone."""
    found = _moment(row, name if _is_set(row, name) else instead or name)
    if found.tzinfo is None and found.time() == time():
        return found
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return aware.astimezone(zone).replace(tzinfo=None)


def _is_set(row: Json, name: str) -> bool:
    """Halo writes years up to 1980 for "nothing"."""
    return bool(row.get(name)) and str(row[name])[:4] > "1980"


def _moment(row: Json, name: str) -> datetime:
    try:
        return datetime.fromisoformat(str(row.get(name)))
    except ValueError as error:
        raise ValueError(f"{name}: a date and time was expected, not {row.get(name)!r:.40}") from error
