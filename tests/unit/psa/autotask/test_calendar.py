"""Business hours of an internal location, with its holiday set."""

from datetime import UTC, date, datetime, timedelta

import pytest

from connector.psa.autotask.calendar import opening_hours
from connector.psa.values import Unreadable

MONDAY = {
    "name": "HQ",
    "holidaySetID": 1,
    "mondayBusinessHoursStartTime": "1900-01-01T08:00:00Z",
    "mondayBusinessHoursEndTime": "1900-01-01T17:30:00Z",
    "tuesdayBusinessHoursStartTime": "22:00",
    "tuesdayBusinessHoursEndTime": "06:00",
    "noHoursOnHolidays": True,
}
XMAS = {"holidayDate": "2026-12-28T00:00:00Z", "holidayName": "Boxing Day", "holidaySetID": 1}


def test_hours_and_holidays_become_a_calendar():
    hours = opening_hours(MONDAY, [XMAS], "Europe/London")
    assert hours.week == {"mon": ("08:00-17:30",), "tue": ("22:00-06:00",)}
    assert hours.holidays == (date(2026, 12, 28),)
    assert hours.names == {date(2026, 12, 28): "Boxing Day"}
    opened = hours.calendar().add(datetime(2026, 12, 25, 12, tzinfo=UTC), timedelta(0))
    assert opened == datetime(2026, 12, 29, 22, tzinfo=UTC), "the holiday Monday is closed"


def test_holiday_hours_leave_the_rest_of_the_day_closed():
    row = MONDAY | {
        "noHoursOnHolidays": False,
        "holidayHoursStartTime": "10:00:00",
        "holidayHoursEndTime": "12:00:00",
    }
    hours = opening_hours(row, [XMAS], "UTC")
    assert hours.holidays == ()
    assert hours.closures == {date(2026, 12, 28): ("00:00-10:00", "12:00-24:00")}
    assert hours.calendar().between(
        datetime(2026, 12, 28, tzinfo=UTC), datetime(2026, 12, 29, tzinfo=UTC)
    ) == timedelta(hours=2)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"mondayBusinessHoursEndTime": None}, "monday"),
        ({"mondayBusinessHoursEndTime": "late"}, "mondayBusinessHoursEndTime"),
    ],
)
def test_what_cannot_be_read_says_which_field(change, field):
    with pytest.raises(Unreadable, match=field):
        opening_hours(MONDAY | change, [], "UTC")
    with pytest.raises(Unreadable, match="holidayDate"):
        opening_hours(MONDAY, [XMAS | {"holidayDate": "soon"}], "UTC")
    with pytest.raises(Unreadable, match="HQ"):
        opening_hours(MONDAY, [], "Mars/Olympus")
