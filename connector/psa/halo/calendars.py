"""Workdays with their breaks and holidays, read off a Halo instance when somebody asks for them.

The list shows neither breaks nor, for sure, holidays, so each is read by itself. Source: facts §4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.errors import ContractViolation, NotFound
from connector.psa.halo.api import Api
from connector.psa.halo.calendar import opening_hours
from connector.psa.halo.values import ident
from connector.psa.port import VendorCalendar
from connector.psa.together import together
from connector.psa.transport import Forbidden
from connector.psa.values import text

_RIGHT = "give the API application's agent the right to see workdays"


async def read_calendars(api: Api, timezone: str = "") -> list[VendorCalendar]:
    """Every workday, in order of id. AuthFailed if we are not let in, Forbidden if they may not be read."""
    try:
        rows = await api.whole("Workday", {"showholidays": True})
    except Forbidden as error:
        raise Forbidden(f"workdays may not be read: {_RIGHT} ({error})") from error
    return await together(_calendar(api, row, timezone) for row in sorted(rows, key=_order))


async def _calendar(api: Api, row: object, timezone: str) -> VendorCalendar:
    if not isinstance(row, Mapping) or not ident(row, "id"):
        return VendorCalendar(id="", name="", problem=f"a workday was expected, not {row!r:.40}")
    number, name = ident(row, "id"), text(row, "name")
    try:
        whole = await _whole(api, number)
        hours = opening_hours({**row, **whole} | ({"timezone": timezone} if timezone else {}))
    except (ValueError, Forbidden, NotFound, ContractViolation) as error:
        return VendorCalendar(id=str(number), name=name, problem=_advised(str(error)))
    return VendorCalendar(id=str(number), name=name, hours=hours)


async def _whole(api: Api, number: int) -> dict[str, Any]:
    """A workday with its breaks and holidays: it is wrong without them."""
    found = await api.get(f"Workday/{number}", {"includedetails": True})
    if not isinstance(found, dict):
        raise ContractViolation(f"an object was expected, not {type(found).__name__}")
    if not isinstance(found.get("holidays"), list):
        found["holidays"] = await api.whole("Holiday", {"workdayid": number})
    return found


def _advised(problem: str) -> str:
    return problem + "; say with --timezone which one is meant" if "time zone" in problem else problem


def _order(row: object) -> int:
    return ident(row, "id") if isinstance(row, Mapping) else 0
