"""docs/worktime.md promises figures to people; they are read from the page and must come true."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from connector.rules.worktime import WorkCalendar
from tests.shared import ROOT

PAGE = (ROOT / "docs" / "worktime.md").read_text("utf-8")


def calendar_of(said: dict[str, Any]) -> WorkCalendar:
    first = WorkCalendar(
        said["timezone"],
        said["week"],
        map(date.fromisoformat, said.get("holidays", [])),
        {date.fromisoformat(day): spans for day, spans in said.get("closures", {}).items()},
    )
    later = [(date.fromisoformat(day), calendar_of(new)) for day, new in said.get("from", {}).items()]
    return WorkCalendar.changing([(None, first), *later]) if later else first


def calendars() -> dict[str, WorkCalendar]:
    block = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert block
    return {name: calendar_of(said) for name, said in yaml.safe_load(block[1]).items()}


def rows(second: str, fourth: str) -> list[list[str]]:
    """Rows of the table whose second and fourth columns have these names."""
    table = PAGE.split(f"| calendar | {second} |", 1)[1].split("\n\n", 1)[0]
    assert fourth in table.splitlines()[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def instant(cell: str, calendar: WorkCalendar) -> datetime:
    weekday, text = cell.split(" ", 1)
    moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(calendar.timezone))
    assert moment.strftime("%a") == weekday
    return moment


def hours(cell: str) -> timedelta:
    return timedelta(hours=float(cell.removesuffix("h")))


@pytest.mark.parametrize("row", rows("start", "due"), ids=" ".join)
def test_due(row: list[str]) -> None:
    calendar = calendars()[row[0]]
    assert calendar.add(instant(row[1], calendar), hours(row[2])) == instant(row[3], calendar)


@pytest.mark.parametrize("row", rows("from", "working time"), ids=" ".join)
def test_working_time(row: list[str]) -> None:
    calendar = calendars()[row[0]]
    assert calendar.between(instant(row[1], calendar), instant(row[2], calendar)) == hours(row[3])
