"""What five other engines' own tests expect, asked of ours. They agree on all that is asked here.

The vectors carry another engine's *exceptions* (a date's own opening hours); ours has closures, so an
exception is given as the rest of that day being closed. Where a vector asks for the previous closing,
ours says it as `at(worked(start))`: the earliest instant with that much worked.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.rules.worktime import WorkCalendar
from tests.shared import shared

VECTORS = [
    vector
    for folder in shared("data", "worktime-vectors")
    for file in sorted(folder.glob("*.json"))
    for vector in json.loads(file.read_text("utf-8"))["vectors"]
]


def calendar(vector: dict[str, Any]) -> WorkCalendar:
    closures = {}
    for day, spans in vector.get("exceptions", {}).items():
        edges = ["00:00", *(edge for span in spans for edge in span), "24:00"]
        closures[date.fromisoformat(day)] = list(zip(edges[::2], edges[1::2], strict=True))
    holidays = [date.fromisoformat(day) for day in vector["holidays"]]
    return WorkCalendar(vector["tz"], vector["week"], holidays, closures)


def instant(text: str, zone: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


if VECTORS:

    @pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
    def test_agrees_with(vector: dict[str, Any]) -> None:
        cal, zone = calendar(vector), vector["tz"]
        start = instant(vector["start"], zone)
        if vector["kind"] == "between":
            worked = cal.between(start, instant(vector["end"], zone))
            assert worked == timedelta(seconds=vector["expect_seconds"])
            return
        if vector.get("op") == "prev_close":
            got = cal.at(cal.worked(start))
        else:
            got = cal.add(start, timedelta(seconds=vector["seconds"]))
        assert got == instant(vector["expect_end"], zone)
