"""The PSA's own SLA clock: it believes the status, whether or not anybody wrote to the customer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.simulator import sla
from connector.simulator.people import PRIORITIES
from connector.simulator.records import Sla

P2 = PRIORITIES[1]
FRIDAY = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


def test_the_weekend_and_the_night_do_not_count() -> None:
    assert sla.working_minutes(FRIDAY.replace(hour=17), FRIDAY + timedelta(days=3, hours=0)) == 120
    assert sla.after_working_minutes(FRIDAY.replace(hour=17), 120) == FRIDAY + timedelta(days=3)


@given(
    st.integers(min_value=0, max_value=365 * 1440).map(lambda number: FRIDAY - minutes(number)),
    st.integers(min_value=1, max_value=20_000),
)
def test_adding_working_minutes_is_the_inverse_of_counting_them(start: datetime, number: int) -> None:
    assert sla.working_minutes(start, sla.after_working_minutes(start, number)) == number


def test_a_status_alone_makes_the_psa_say_responded() -> None:
    book = Sla(FRIDAY)
    sla.move(book, "responded", FRIDAY + minutes(4), "zAdmin")
    assert (book.responded_at, book.responded_by, book.respond_min) == (FRIDAY + minutes(4), "zAdmin", 4)
    assert sla.in_sla(book, P2, FRIDAY + minutes(100))


def test_a_skipped_stage_is_noted_as_skipped() -> None:
    book = Sla(FRIDAY)
    sla.move(book, "planned", FRIDAY + minutes(31), "jreed")
    assert (book.respond_min, book.respond_skipped, book.plan_min) == (0, 31, 31)
    assert not sla.in_sla(book, P2, FRIDAY + minutes(31))  # 31 minutes for a promise of 30


def test_waiting_stops_the_clock_and_is_counted_apart() -> None:
    book = Sla(FRIDAY)
    sla.move(book, "waiting", FRIDAY + minutes(10), "jreed")
    assert sla.words(book, P2, FRIDAY + minutes(300)) == "Waiting"
    assert sla.in_sla(book, P2, FRIDAY + minutes(300))
    sla.move(book, "responded", FRIDAY + minutes(310), "jreed")
    assert (book.respond_min, book.waited) == (10, 300)


def test_an_earlier_stage_does_not_move_the_ticket_back() -> None:
    book = Sla(FRIDAY)
    sla.move(book, "planned", FRIDAY + minutes(5), "jreed")
    sla.move(book, "responded", FRIDAY + minutes(9), "jreed")
    assert book.stage == "planned"
    assert book.planned_at == FRIDAY + minutes(5)


def test_a_reopened_ticket_goes_on_where_it_was_resolved() -> None:
    book = Sla(FRIDAY)
    sla.move(book, "planned", FRIDAY, "jreed")
    sla.move(book, "resolved", FRIDAY + minutes(60), "jreed")
    assert sla.words(book, P2, FRIDAY + minutes(90)) == "Resolved"
    sla.move(book, "planned", FRIDAY + minutes(120), "zAdmin")
    assert book.resolved_at is None
    assert sla.running(book, FRIDAY + minutes(130)) == 70


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (FRIDAY, "Respond by Fri 11/20 9:30 AM UTC+00"),
        (FRIDAY.replace(hour=17, minute=45), "Respond by Mon 11/23 8:15 AM UTC+00"),
        (datetime(2026, 6, 5, 11, 45, tzinfo=UTC), "Respond by Fri 06/05 1:15 PM UTC+01"),
    ],
)
def test_the_text_is_local_and_has_no_year(at: datetime, text: str) -> None:
    assert sla.words(Sla(at), P2, at) == text


def test_the_goal_moves_on_while_the_clock_stands_and_is_gone_when_met() -> None:
    book = Sla(FRIDAY)
    assert sla.goal(book, P2, "open", FRIDAY + minutes(5)) == FRIDAY + minutes(30)
    sla.move(book, "responded", FRIDAY + minutes(10), "x")
    assert sla.goal(book, P2, "open", FRIDAY + minutes(10)) is None
    assert sla.goal(book, P2, "responded", FRIDAY + minutes(10)) == FRIDAY + minutes(120)
