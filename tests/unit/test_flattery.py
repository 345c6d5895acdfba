"""What the PSA reports and what was felt, with what makes the difference counted apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from connector.model import Assessment, Event, PsaVerdict, Ticket
from connector.rules.flattery import Flattery, flattery
from connector.rules.worktime import WorkCalendar
from tests.unit.desk import DESK, ROBOT, at, closed, judged, mail, policy, reopened, status, target, ticket

BY = policy(targets={"*": target(response=60, resolution=480)})
SOLVED = status(at("11:00"), "New", "Resolved")


def one(*events: Event, psa: PsaVerdict | None = None, **of: Any) -> tuple[Ticket, Assessment, WorkCalendar]:
    about = ticket(**of)
    about = replace(about, psa=psa or about.psa)
    return about, judged(*events, now=at("16:59"), by=BY, of=about), DESK


def test_nothing_divides_by_nothing() -> None:
    empty = flattery([])
    assert (empty.reported_share, empty.felt_share, empty.gap) == (None, None, None)


def test_a_status_that_counted_as_an_answer_flatters() -> None:
    kept = one(mail(at("09:30")), SOLVED, psa=PsaVerdict(sla_met=True))
    flattered = one(mail(at("10:30")), SOLVED, psa=PsaVerdict(sla_met=True))
    found = flattery([kept, flattered])
    assert (found.reported_share, found.felt_share, found.gap) == (100, 50, 50)


def test_what_is_apart_is_in_neither() -> None:
    machine = closed(at("11:00"), ROBOT)
    found = flattery(
        [
            one(mail(at("09:30")), machine, closed=True, closed_at=at("11:00"), psa=PsaVerdict(sla_met=True)),
            one(mail(at("09:30")), SOLVED, type="Alert", psa=PsaVerdict(sla_met=True)),
        ]
    )
    assert found == Flattery(auto_closed=1, excluded=1)


def test_time_after_a_reopening_is_added_back() -> None:
    events = (
        mail(at("09:30")),
        SOLVED,
        reopened(at("13:30")),
        mail(at("14:00")),
        status(at("15:00"), "x", "Resolved"),
    )
    found = flattery([one(*events)])
    assert (found.reopened, found.reopened_minutes) == (1, 180)  # 11 to 12 and 13 to 15
    assert found.reported == 0
    assert found.felt == 1
