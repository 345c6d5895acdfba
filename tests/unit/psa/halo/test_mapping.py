"""Halo's tickets in our words: dates that mean nothing, closings, the SLA's own verdict, who edited."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.psa.halo import mapping
from connector.psa.halo.values import first_date, ident, minutes, stamp
from connector.psa.values import Unreadable, instant
from tests.unit.psa.halo.kit import OPENED, reader, ticket_row


def snapshot(row, **change):
    return mapping.snapshot(row, reader(**change), {})


@pytest.mark.parametrize("digits", ["", ".2", ".21", ".857", ".8570000"])
def test_a_date_is_utc_without_a_mark_and_with_any_number_of_digits(digits):
    at = instant({"at": f"2026-06-30T16:04:27{digits}"}, "at")
    assert at is not None
    assert at.tzinfo is UTC
    assert at.replace(microsecond=0) == datetime(2026, 6, 30, 16, 4, 27, tzinfo=UTC)
    assert at.microsecond == int(digits.lstrip(".").ljust(6, "0")[:6] or 0)


def test_a_date_with_an_offset_keeps_its_instant():
    assert instant({"at": "2026-06-30T16:04:27+02:00"}, "at") == datetime(2026, 6, 30, 14, 4, 27, tzinfo=UTC)


@pytest.mark.parametrize(
    "never", ["1899-12-30T00:00:00", "1900-01-01T00:00:00", "1980-01-01T00:00:00", "", None, 0]
)
def test_a_year_long_past_means_not_set(never):
    assert instant({"at": never}, "at") is None
    with pytest.raises(Unreadable, match="no possible date"):
        first_date({"at": never}, "at")


@given(st.integers(800_000_000_000, 3_700_000_000_000))
def test_what_is_asked_for_is_what_is_meant(milliseconds):
    at = datetime.fromtimestamp(milliseconds / 1000, UTC)
    assert not stamp(at).endswith("Z")
    assert instant({"at": stamp(at)}, "at") == at.replace(microsecond=0)


def test_durations_are_decimal_hours_and_the_adjusted_one_wins():
    assert minutes({"timetaken": 0.25}, "timetakenadjusted", "timetaken") == 15
    assert minutes({"timetaken": 0.25, "timetakenadjusted": 1.5}, "timetakenadjusted", "timetaken") == 90
    assert (
        minutes({"timetaken": -1, "timetakenadjusted": float("nan")}, "timetakenadjusted", "timetaken") == 0
    )


@pytest.mark.parametrize(
    ("found", "number"), [(7, 7), ("7", 7), (0, 0), (-3, 0), (True, 0), ("x", 0), (7.0, 0)]
)
def test_a_reference_is_a_positive_number_or_none(found, number):
    assert ident({"id": found}, "id") == number


def test_a_ticket_says_what_it_is():
    shown = snapshot(ticket_row())
    ticket = shown.ticket
    assert (ticket.id, ticket.client, ticket.client_id, ticket.opened_at) == ("4321", "Acme", "7", OPENED)
    assert (ticket.status, ticket.priority, ticket.owner, ticket.group) == (
        "In Progress",
        "P3 Medium",
        "Ann Agent",
        "1st Line",
    )
    assert (ticket.contact, ticket.url) == ("9", "https://desk.example/ticket?id=4321")
    assert not ticket.closed
    assert shown.version == "2026-09-01T09:00:00.120+00:00"


def test_a_priority_is_named_by_its_sla_too_and_never_by_its_number_alone():
    assert snapshot(ticket_row(sla_id=2)).ticket.priority == "Urgent"
    assert snapshot(ticket_row(sla_id=99)).ticket.priority == ""
    assert snapshot(ticket_row(sla_id=99, priority={"name": "P3"})).ticket.priority == "P3"


def test_the_status_of_a_lead_is_not_taken_for_a_tickets():
    assert snapshot(ticket_row(status_id=2)).ticket.status == "In Progress"


def test_agent_1_is_nobody():
    assert snapshot(ticket_row(agent_id=1)).ticket.owner == ""
    assert snapshot(ticket_row(agent_id=99)).ticket.owner == "99", "whom nobody knows"


def test_closed_is_told_by_the_status_and_when_by_a_date_after_the_opening():
    row = ticket_row(status_id=9, hasbeenclosed=True, dateclosed="2026-09-03T17:30:00", closure_agent_id=5)
    shown = snapshot(row)
    assert shown.ticket.closed
    assert shown.ticket.closed_at == datetime(2026, 9, 3, 17, 30, tzinfo=UTC)
    close = mapping.closing(row, shown, reader())
    assert close is not None
    assert (close.actor.kind, close.actor.id) == ("staff", "5")
    for never in ("1900-01-01T00:00:00", "2026-08-01T00:00:00"):
        early = snapshot(ticket_row(status_id=9, dateclosed=never))
        assert early.ticket.closed
        assert early.ticket.closed_at is None
        assert mapping.closing({}, early, reader()) is None


def test_a_reopened_ticket_is_open_whatever_its_old_date_says():
    shown = snapshot(ticket_row(status_id=2, hasbeenclosed=False, dateclosed="2026-09-03T17:30:00"))
    assert not shown.ticket.closed
    assert (shown.ticket.closed_at, shown.ticket.resolved_at) == (None, None)


def test_another_closing_status_can_be_named():
    row = ticket_row(status_id=4, dateclosed="2026-09-03T17:30:00")
    assert not snapshot(row).ticket.closed
    assert snapshot(row, closed=frozenset({4})).ticket.closed


@pytest.mark.parametrize("reminder", mapping.REMINDERS)
def test_a_ticket_that_a_reminder_closed_was_closed_by_a_machine(reminder):
    row = ticket_row(status_id=9, dateclosed="2026-09-03T17:30:00", closure_agent_id=5) | {reminder: True}
    close = mapping.closing(row, snapshot(row), reader())
    assert close is not None
    assert close.actor.kind == "automation"


def test_projects_and_tasks_are_no_tickets():
    assert mapping.is_ticket(ticket_row(itil_requesttype_id=1))
    assert mapping.is_ticket(ticket_row())
    assert not any(mapping.is_ticket(ticket_row(itil_requesttype_id=kind)) for kind in (20, 22, 23))


@pytest.mark.parametrize(
    ("change", "met"),
    [
        ({"responsedate": "2026-09-01T08:30:00"}, None),
        ({"responsedate": "2026-09-01T09:30:00"}, False),
        ({"responsedate": "2026-09-01T08:30:00", "slaresponsestate": "O"}, False),
        ({"responsedate": "2026-09-01T08:30:00", "slaresponsestate": "o"}, False),
        ({"slaresponsestate": "X"}, False),
        ({"slaresponsestate": "I"}, None),
        ({"slaresponsestate": "O", "excludefromsla": True}, None),
        ({"responsedate": "2026-09-01T08:30:00", "slastate": "O"}, False),
    ],
)
def test_what_halo_says_of_its_sla(change, met):
    row = ticket_row(respondbydate="2026-09-01T09:00:00", fixbydate="2026-09-02T09:00:00", **change)
    assert mapping.verdict(row, None).sla_met is met


def test_the_sla_was_kept_if_both_promises_were():
    row = ticket_row(
        respondbydate="2026-09-01T09:00:00",
        responsedate="2026-09-01T08:30:00",
        fixbydate="2026-09-02T09:00:00",
    )
    kept = mapping.verdict(row, datetime(2026, 9, 2, 8, 0, tzinfo=UTC))
    assert (kept.sla_met, kept.response_at) == (True, datetime(2026, 9, 1, 8, 30, tzinfo=UTC))
    assert "respond by 2026-09-01 09:00 UTC" in kept.text
    assert mapping.verdict(row, datetime(2026, 9, 2, 10, 0, tzinfo=UTC)).sla_met is False


def test_the_first_response_is_not_moved_by_a_response_reset():
    row = ticket_row(first_responsedate="2026-09-01T08:10:00", responsedate="2026-09-01T12:00:00")
    assert mapping.verdict(row, None).response_at == datetime(2026, 9, 1, 8, 10, tzinfo=UTC)


def test_our_own_edit_is_known_by_its_mark_in_whatever_number_of_digits_it_comes():
    mark = mapping.version({"lastupdate": "2026-09-01T09:00:00.1200000"})
    assert "self" in snapshot(ticket_row(), own={"4321": mark}).editor.marks
    assert (
        snapshot(ticket_row(last_update="2026-09-01T09:00:01"), own={"4321": mark}).editor.kind == "unknown"
    )


@pytest.mark.parametrize(
    "row", [{}, {"id": "x"}, {"id": 5}, {"id": 5, "dateoccurred": "2026-02-31T25:61:00"}]
)
def test_a_ticket_without_id_or_date_is_unreadable(row):
    with pytest.raises(Unreadable):
        snapshot(row)


def test_what_is_set_aside_shows_no_words_of_the_customer():
    aside = mapping.malformed(ticket_row(summary="my password is swordfish"), "because")
    assert aside.ticket_id == "4321"
    assert "swordfish" not in aside.body
    assert mapping.malformed("text", "because").ticket_id == ""


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(ticket_row(slastate="O", dateclosed="", priority={}))), junk))
def test_no_nonsense_in_a_row_hurts(change):
    try:
        shown = snapshot(ticket_row() | change)
    except Unreadable:
        return
    assert int(shown.ticket.id) > 0
