"""Calendars and holiday lists, read off a ConnectWise instance when somebody asks for them.

A calendar has no time zone there. `serverTimeZone` of `/system/info` is the only one that the instance
gives by a name everybody knows (Windows', "Eastern Standard Time"); the names of `timeZoneSetups` are free
text ("GMT-5/Eastern Time: US & Canada"). So the server's is taken, and said to be it.
Source: facts §6.7, §11 (the server's zone is informational).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.errors import NotFound
from connector.psa.connectwise.api import Api
from connector.psa.connectwise.calendar import opening_hours
from connector.psa.port import VendorCalendar
from connector.psa.together import together
from connector.psa.transport import Forbidden
from connector.psa.values import Json, key, part, text
from connector.psa.zones import iana_zone

_RIGHT = "give the API member's role System › Table Setup (inquire)"


class _Unusable(ValueError):
    """Why a calendar cannot be copied."""


async def read_calendars(api: Api, timezone: str = "") -> list[VendorCalendar]:
    """Every calendar, in order of id. AuthFailed if we are not let in, Forbidden if they may not be read."""
    server = text(await api.server(), "serverTimeZone")
    try:
        rows = await api.rows("schedule/calendars")
    except Forbidden as error:
        raise Forbidden(f"calendars may not be read: {_RIGHT} ({error})") from error
    wanted = {number for row in rows if (number := _list_of(row))}
    lists = dict(await together(_holidays(api, number) for number in sorted(wanted)))
    return [_calendar(row, lists, server, timezone) for row in rows]


def _list_of(row: object) -> int:
    """The id of a calendar's holiday list, 0 without one."""
    found = part(row, "holidayList").get("id") if isinstance(row, Mapping) else None
    return found if type(found) is int else 0


async def _holidays(api: Api, number: int) -> tuple[int, list[Any] | str]:
    """The days of a list, or why they cannot be read: the calendar is wrong without them."""
    try:
        return number, await api.rows(f"schedule/holidayLists/{number}/holidays")
    except Forbidden as error:
        return number, f"its holidays may not be read: {_RIGHT} ({error})"
    except NotFound as error:
        return number, f"its list of holidays is gone ({error})"


def _calendar(
    row: object, lists: Mapping[int, list[Any] | str], server: str, timezone: str
) -> VendorCalendar:
    if not isinstance(row, Mapping):
        return VendorCalendar(id="", name="", problem=f"an object was expected, not {row!r:.40}")
    number, name = str(row.get("id") or ""), text(row, "name")
    try:
        key(row)
        zone, note = (timezone, "") if timezone else _server_zone(server)
        hours = opening_hours(row, _days(row, lists), zone)
    except ValueError as error:
        return VendorCalendar(id=number, name=name, problem=str(error))
    return VendorCalendar(id=number, name=name, hours=hours, note=note)


def _days(row: Json, lists: Mapping[int, list[Any] | str]) -> list[Json]:
    found = lists.get(_list_of(row), [])
    if isinstance(found, str):
        raise _Unusable(found)
    for day in found:
        if not isinstance(day, Mapping):
            raise _Unusable(f"a holiday: an object was expected, not {day!r:.40}")
    return found


def _server_zone(name: str) -> tuple[str, str]:
    """The server's zone, and a note that it is only that. _Unusable where nobody knows it."""
    try:
        zone = iana_zone(name)
    except ValueError as error:
        raise _Unusable(f"its server's {error}; say with --timezone which one is meant") from error
    return zone, f"ConnectWise's calendars have no time zone: {zone} is that of its server ({name})"
