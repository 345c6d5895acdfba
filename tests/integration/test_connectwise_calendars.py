"""Calendars read off a pretend ConnectWise over real HTTP, held against the vendor's specification."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from connector.errors import AuthFailed, Rejected
from connector.psa.connectwise.adapter import ConnectWise
from connector.rules.worktime import WorkCalendar
from connector.simulator import make_world
from connector.simulator.records import Calendar, DayOff, DaysOff
from tests.integration.test_connectwise_adapter import config, connected

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
WEEK = ("mon", "tue", "wed", "thu", "fri")


@pytest.fixture
def world():
    return make_world(seed=7, tickets=0, start=START)


async def test_every_calendar_with_its_days_off(world, openapi_tap):
    async with connected(world, openapi_tap, start=False) as (psa, _):
        found = await psa.calendars()
    assert [(one.id, one.name, one.problem) for one in found] == [
        ("1", "Standard Calendar", ""),
        ("2", "Extended Hours", ""),
        ("3", "Night Desk", ""),
        ("4", "Round the Clock", ""),
    ]
    standard, extended, night, always = (one.hours for one in found)
    calendar = standard.calendar()
    assert calendar.timezone == "Europe/London", "the server says GMT Standard Time"
    assert "GMT Standard Time" in found[0].note
    eve = datetime(2026, 12, 24, 8, 0, tzinfo=UTC)
    assert calendar.add(eve, timedelta(hours=5)) == datetime(2026, 12, 29, 9, 0, tzinfo=UTC)
    assert standard.names[date(2026, 12, 24)] == "Christmas Eve, afternoon"
    assert extended.week["sat"] == ("09:00-13:00",)
    assert night.holidays == (date(2026, 12, 25), date(2027, 12, 25)), "a list of its own"
    assert always.calendar() == WorkCalendar.always("Europe/London")


async def test_many_pages_bring_the_same_and_a_shared_list_is_read_once(world, openapi_tap):
    async with connected(world, openapi_tap, start=False) as (psa, sim):
        whole = await psa.calendars()
        assert world.requests[("GET", "/schedule/holidayLists/{id}/holidays")] == 2
        paged = ConnectWise("main", config(sim, page_size=2))
        assert await paged.calendars() == whole
        await paged.close()
    assert world.requests[("GET", "/schedule/calendars")] == 1 + 3


async def test_another_zone_when_asked_for(world):
    async with connected(world, start=False) as (psa, _):
        found = await psa.calendars("America/New_York")
    assert {one.hours.timezone for one in found} == {"America/New_York"}
    assert {one.note for one in found} == {""}


async def test_one_that_cannot_be_used_leaves_the_others_alone(world):
    world.calendars[5] = Calendar(5, "Old, empty", {})
    world.calendars[6] = Calendar(6, "Bad day", {0: ("09:00", "17:00")}, 3)
    world.days_off[3] = DaysOff(3, "Typing error", (DayOff(900, "31.12.2026", "New Year's Eve"),))
    async with connected(world, start=False) as (psa, _):
        found = {one.name: one for one in await psa.calendars()}
    assert "no working time at all" in found["Old, empty"].problem
    assert "date: a date was expected, not '31.12.2026'" in found["Bad day"].problem
    assert found["Bad day"].hours is None
    assert found["Standard Calendar"].hours is not None


async def test_without_the_right_to_holidays_a_calendar_is_not_given_without_them(world):
    async with connected(world, start=False, forbidden="/schedule/holidayLists/1") as (psa, _):
        found = {one.name: one for one in await psa.calendars()}
    assert found["Standard Calendar"].hours is None
    assert "its holidays may not be read" in found["Standard Calendar"].problem
    assert "Table Setup" in found["Standard Calendar"].problem
    assert found["Night Desk"].hours is not None


async def test_without_the_right_to_calendars_the_right_is_named(world):
    async with connected(world, start=False, forbidden="/schedule") as (psa, _):
        with pytest.raises(Rejected, match=r"calendars may not be read: .*Table Setup.*PxConnector"):
            await psa.calendars()


@pytest.mark.parametrize("auth", ["401", "404"])
async def test_wrong_keys_are_told_as_such(world, auth):
    async with connected(world, start=False, auth=auth) as (psa, _):
        with pytest.raises(AuthFailed):
            await psa.calendars()
