"""Internal locations and their holiday sets, read off a database when somebody asks for them.

A location's time zone is a value of a picklist whose labels are free text ("(GMT-05:00) Eastern Time"); a
zone's name is looked for in it, and where there is none a person must say which zone is meant. Whether the
hours are stored in that zone is not documented: they are taken so, and the note says it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connector.errors import NotFound
from connector.psa.autotask.api import Api
from connector.psa.autotask.calendar import opening_hours
from connector.psa.autotask.filters import in_, split
from connector.psa.autotask.picklists import Picklists, picklists
from connector.psa.autotask.session import EVERYTHING
from connector.psa.port import VendorCalendar
from connector.psa.together import together
from connector.psa.transport import Forbidden
from connector.psa.values import Json, text
from connector.psa.zones import iana_zone

LOCATIONS = "InternalLocationWithBusinessHours"
_RIGHT = "give the API user's security level the right to view internal locations"
_OFFSET = re.compile(r"\((?:GMT|UTC)[^)]*\)")


async def read_calendars(api: Api, timezone: str = "") -> list[VendorCalendar]:
    """Every location with its hours, in order of id. Forbidden if they may not be read at all."""
    try:
        rows = await api.rows(LOCATIONS, EVERYTHING)
    except Forbidden as error:
        raise Forbidden(f"locations may not be read: {_RIGHT} ({error})") from error
    sets = sorted({number for row in rows if (number := _set_of(row))})
    days, problem = await _holidays(api, sets)
    zones = Picklists() if timezone else picklists(await api.fields(LOCATIONS))
    return [_calendar(row, days, problem, zones, timezone) for row in rows]


async def _holidays(api: Api, sets: list[int]) -> tuple[list[Any], str]:
    """The days of all sets, or why they cannot be read: a calendar is wrong without them."""
    try:
        lists = await together(api.rows("Holidays", in_("holidaySetID", group)) for group in split(sets))
    except (Forbidden, NotFound) as error:
        return [], f"its holidays may not be read: {_RIGHT} ({error})"
    return [row for rows in lists for row in rows if isinstance(row, Mapping)], ""


def _set_of(row: object) -> int:
    found = row.get("holidaySetID") if isinstance(row, Mapping) else None
    return found if type(found) is int else 0


def _calendar(row: object, days: list[Any], problem: str, zones: Picklists, timezone: str) -> VendorCalendar:
    if not isinstance(row, Mapping):
        return VendorCalendar(id="", name="", problem=f"an object was expected, not {row!r:.40}")
    number, name, wanted = text(row, "id"), text(row, "name"), _set_of(row)
    try:
        if wanted and problem:
            raise ValueError(problem)
        zone = timezone or _zone(row, zones)
        own = [day for day in days if day.get("holidaySetID") == wanted] if wanted else []
        hours = opening_hours(row, own, zone)
    except ValueError as error:
        return VendorCalendar(id=number, name=name, problem=str(error))
    note = f"Autotask does not say in which zone hours are kept: they are taken to be those of {zone}"
    return VendorCalendar(id=number, name=name, hours=hours, note=note)


def _zone(row: Json, zones: Picklists) -> str:
    """The IANA name of a location's zone. ValueError where its label does not tell."""
    label = zones.label(row, "timeZoneID")
    for said in (label, _OFFSET.sub("", label).strip()):
        try:
            return iana_zone(said)
        except ValueError:
            continue
    raise ValueError(
        f"its time zone {label[:80]!r} has no name that is known; say with --timezone which is meant"
    )
