"""What an instance may answer when it is asked for its calendars."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import respx

from connector.psa.connectwise.adapter import ConnectWise
from connector.psa.port import VendorCalendar
from tests.unit.psa.connectwise.kit import BASE, company_info, config

OFFICE = {"id": 1, "name": "Office", "mondayStartTime": "08:00:00", "mondayEndTime": "17:00:00"}
ON_LIST = {**OFFICE, "holidayList": {"id": 9, "name": "Bank holidays"}}


async def told(
    calendars: list[Any], *, zone: str | None = "GMT Standard Time", holidays: Any = (), asked: str = ""
) -> list[VendorCalendar]:
    psa = ConnectWise("main", config())
    with respx.mock(assert_all_called=False) as router:
        company_info(router)
        router.get(BASE + "system/info").respond(200, json={"version": "v1", "serverTimeZone": zone})
        router.get(BASE + "schedule/calendars").respond(200, json=calendars, headers={"link": ""})
        route = router.get(BASE + "schedule/holidayLists/9/holidays")
        if isinstance(holidays, httpx.Response):
            route.mock(return_value=holidays)
        else:
            route.respond(200, json=list(holidays), headers={"link": ""})
        try:
            return list(await psa.calendars(asked))
        finally:
            await psa.close()


async def test_no_calendars_at_all() -> None:
    assert await told([]) == []


@pytest.mark.parametrize("zone", ["Middle Earth Standard Time", "", None])
async def test_a_zone_that_nobody_knows_is_asked_for(zone: str | None) -> None:
    [one] = await told([OFFICE], zone=zone)
    assert one.hours is None
    assert f"its server's unknown time zone {zone or ''!r}" in one.problem
    assert "--timezone" in one.problem
    [helped] = await told([OFFICE], zone=zone, asked="Europe/Paris")
    assert helped.hours is not None
    assert helped.hours.timezone == "Europe/Paris"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("nonsense", "an object was expected, not 'nonsense'"),
        (None, "an object was expected, not None"),
        ({"name": "No id", "mondayStartTime": "08:00:00", "mondayEndTime": "09:00:00"}, "id: a number"),
        ({"id": 2, "name": "Empty"}, "no working time at all"),
        ({**OFFICE, "mondayEndTime": None}, "mondayEndTime: a time like"),
        ({**OFFICE, "mondayEndTime": "25:00:00"}, "is not a time of day"),
        ({**OFFICE, "mondayEndTime": "17:00:30"}, "17:00:30 has seconds"),
    ],
)
async def test_a_row_that_is_no_calendar_says_why(row: Any, words: str) -> None:
    odd, good = await told([row, {**OFFICE, "id": 7}])
    assert odd.hours is None
    assert words in odd.problem
    assert good.hours is not None


@pytest.mark.parametrize(
    ("holidays", "words"),
    [
        (["2026-12-25"], "a holiday: an object was expected, not '2026-12-25'"),
        ([{"id": 1, "name": "Someday"}], "date: a date was expected, not None"),
        (httpx.Response(403, json={"code": "Forbidden", "message": "no"}), "its holidays may not be read"),
        (httpx.Response(404, json={"code": "NotFound", "message": "x"}), "its list of holidays is gone"),
    ],
)
async def test_holidays_that_cannot_be_read_make_it_unusable(holidays: Any, words: str) -> None:
    [one] = await told([ON_LIST], holidays=holidays)
    assert one.hours is None
    assert words in one.problem


async def test_a_list_of_holidays_without_an_id_is_none() -> None:
    [one] = await told([{**OFFICE, "holidayList": {"id": None}}])
    assert one.hours is not None
    assert one.hours.holidays == ()
