"""A ticket's audit: changes of priority and status by whoever made them, in whatever words Halo has."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model import PriorityChange, StatusChange, Ticket
from connector.psa.halo.audit import changes, edits, is_shown, untold
from connector.psa.halo.past import AT_ONCE, Past
from connector.psa.port import Snapshot
from tests.unit.psa.halo.kit import OPENED, reader, ticket_row

READER = reader()


def line(**change):
    known = {
        "id": 7,
        "ticket_id": 4321,
        "agent_id": 5,
        "user_id": 0,
        "username": "Ann Agent",
        "date": "2026-09-01T08:30:00",
        "value": "Priority",
        "from": "P4 Low",
        "to": "P3 Medium",
    }
    return known | change


def audited(*lines):
    return ticket_row(audit_log=list(lines))


def test_a_change_of_priority_says_from_what_to_what_when_and_by_whom():
    (found,) = changes(audited(line()), READER)
    assert isinstance(found, PriorityChange)
    assert (found.from_, found.to, found.at) == ("P4 Low", "P3 Medium", OPENED + timedelta(minutes=30))
    assert (found.actor.kind, found.actor.id) == ("staff", "5")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"value": "priority_id", "from": "9", "to": "3"}, ("", "P3 Medium")),  # known by its SLA too: 8
        ({"value": "Status", "from": "1", "to": "2"}, ("New", "In Progress")),
        ({"value": "status_id", "from": "New", "to": "In Progress"}, ("New", "In Progress")),
        ({"value": "Status", "from": "", "to": "Renamed since"}, ("", "Renamed since")),
    ],
)
def test_names_and_numbers_are_both_understood(change, told):
    (found,) = changes(audited(line(**change)), READER)
    assert (found.from_, found.to) == told


@pytest.mark.parametrize(
    "change",
    [
        {"value": "Summary"},
        {"value": None},
        {"date": None},
        {"date": "1899-12-30T00:00:00"},
        {"to": ""},
        {"to": "P4 Low"},
        {"to": "77"},
        {"ticket_id": 5},
    ],
)
def test_what_is_not_understood_is_left_out(change):
    assert changes(audited(line(**change)), READER) == []


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"agent_id": 5, "username": "System"}, "staff"),
        ({"agent_id": 6, "username": "Ann Agent"}, "automation"),
        ({"agent_id": 0, "username": "Ann Agent"}, "automation"),
        ({"agent_id": 1, "username": "Ann Agent"}, "automation"),
        ({"agent_id": 0, "user_id": 9}, "contact"),
        ({"agent_id": 99}, "unknown"),
    ],
)
def test_who_did_it_is_told_by_numbers_and_never_by_the_name_shown(change, kind):
    (found,) = changes(audited(line(**change)), READER)
    assert found.actor.kind == kind


def test_nobody_knows_who_changed_what_names_nobody():
    nameless = {name: value for name, value in line().items() if name not in ("agent_id", "user_id")}
    (found,) = changes(audited(nameless), READER)
    assert found.actor.kind == "unknown"


def test_every_line_says_who_was_there_whatever_it_changed():
    (edit,) = edits(audited(line(value="CFPXAtRisk"), line(date=None)), READER)
    assert (edit[0], edit[1].kind) == (OPENED + timedelta(minutes=30), "staff")


def test_an_empty_audit_is_shown_and_a_missing_one_is_not():
    assert is_shown(audited())
    assert not is_shown(ticket_row())
    assert not is_shown(ticket_row(audit_log=None))


def change(minute, to, key="x"):
    return StatusChange(at=OPENED + timedelta(minutes=minute), key=key, to=to)


def test_what_an_action_has_told_is_not_told_again():
    told = [change(1, "In Progress"), change(30, "On Hold")]
    in_audit = [change(1, "In Progress"), change(15, "Closed"), change(31, "On Hold"), change(90, "On Hold")]
    assert [(e.to, e.at) for e in untold(in_audit, told)] == [
        ("Closed", OPENED + timedelta(minutes=15)),
        ("On Hold", OPENED + timedelta(minutes=90)),
    ]


def test_one_action_is_no_more_than_one_change():
    twice = [change(1, "In Progress"), change(2, "In Progress")]
    assert len(untold(twice, [change(1, "In Progress")])) == 1


def test_a_priority_is_never_told_by_an_action():
    found = changes(audited(line()), READER)
    assert untold(found, [change(30, "P3 Medium")]) == found


def test_lines_without_a_number_keep_their_keys():
    row = audited(line(id=0), line(id=None, value="Status", to="In Progress"))
    keys = [event.key for event in changes(row, READER)]
    assert len(set(keys)) == 2
    assert keys == [event.key for event in changes(row, READER)]
    assert all(key.startswith("audit:4321:") for key in keys)


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


@given(st.lists(st.dictionaries(st.sampled_from(sorted(line())), junk) | junk, max_size=4) | junk)
def test_no_nonsense_in_an_audit_hurts(listed):
    row = ticket_row(audit_log=listed)
    assert all(event.key.startswith("audit:") for event in changes(row, READER))
    edits(row, READER)


# ── which tickets are worth asking for it ──


LATER = OPENED + timedelta(hours=1)


def shown(ticket="1", priority="P3", status="New", opened=OPENED, changed=LATER, closed=False):
    known = Ticket(id=ticket, opened_at=opened, priority=priority, status=status, closed=closed)
    return Snapshot(ticket=known, version="v", updated_at=changed)


def test_at_the_first_reading_every_open_ticket_that_was_touched_has_a_past():
    past = Past()
    touched, fresh = shown("1"), shown("2", changed=OPENED + AT_ONCE)
    closed = shown("3", closed=True)
    past.seen([touched, fresh, closed], None)
    assert [past.is_untold(one.ticket, []) for one in (touched, fresh, closed)] == [True, False, False]


def test_what_was_there_before_us_has_none_while_we_look_on_and_what_is_new_has():
    past = Past()
    past.seen([shown("1"), shown("2", opened=OPENED + timedelta(minutes=40))], OPENED + timedelta(minutes=30))
    assert [past.is_untold(shown(i).ticket, []) for i in "12"] == [False, True]


def test_another_priority_is_a_past_until_it_has_been_told():
    past = Past()
    past.seen([shown(priority="P3")], LATER)
    past.seen([shown(priority="P1")], LATER)
    past.seen([shown(priority="P1")], LATER)
    moved = shown(priority="P1").ticket
    assert past.is_untold(moved, [change(5, "New")])
    past.told(moved)
    past.seen([shown(priority="P1")], LATER)
    assert not past.is_untold(moved, [])


def test_another_status_is_one_only_if_no_action_tells_it():
    past = Past()
    past.seen([shown(status="New")], LATER)
    past.seen([shown(status="On Hold")], LATER)
    moved = shown(status="On Hold").ticket
    assert past.is_untold(moved, [change(5, "In Progress")])
    assert not past.is_untold(moved, [change(5, "In Progress"), change(6, "On Hold")])


def test_what_is_remembered_has_a_bound(monkeypatch):
    monkeypatch.setattr("connector.psa.halo.past.KEPT", 2)
    past = Past()
    past.seen([shown(i) for i in "123"], None)
    assert [past.is_untold(shown(i).ticket, []) for i in "123"] == [False, True, True]
    past.seen([shown("1", priority="P1")], OPENED + timedelta(hours=2))
    assert not past.is_untold(shown("1").ticket, [])
