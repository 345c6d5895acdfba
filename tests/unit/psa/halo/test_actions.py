"""Halo's actions in our words: who it was by numbers only, which way it went, what it changed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model import Message, StatusChange
from connector.psa.halo.actions import author, facts
from connector.psa.halo.appointments import appointment, booked
from connector.psa.halo.reading import read_actions
from connector.psa.values import Unreadable
from tests.shared import shared
from tests.unit.psa.halo.kit import APPLICATION, OPENED, TICKET, action_row, reader, ticket_row
from tests.unit.psa.halo.test_mapping import junk

PAYLOADS = shared("payloads", "halo")


def who(row, **change):
    actor = author(row, TICKET, reader(**change))
    return actor.kind, actor.id


def message(row, **options):
    found = [e for e in facts(row, TICKET, reader(), **options) if isinstance(e, Message)]
    return found[0] if found else None


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"who_agentid": 5}, ("staff", "5")),
        ({"who_agentid": 6}, ("automation", "6")),
        ({"who_agentid": 7}, ("automation", "7")),
        ({"who_agentid": 99}, ("unknown", "99")),
        ({"who_agentid": 0, "actionby_user_id": 33}, ("contact", "33")),
        ({"who_agentid": 0, "emaildirection": "I"}, ("contact", "9")),
        ({"who_agentid": 1, "actionby_user_id": 33}, ("contact", "33")),
        ({"who_agentid": 0, "actionby_agent_id": 5}, ("staff", "5")),
        ({"who_agentid": 5, "emaildirection": "I"}, ("staff", "5")),
        ({"who_agentid": 0}, ("automation", "")),
        ({"who_agentid": 0, "emaildirection": "O"}, ("automation", "")),
        ({"who": "Ann Agent"}, ("unknown", "")),
        ({"who": "System", "who_agentid": 5}, ("staff", "5")),
        ({"action_supplier_id": 3, "emaildirection": "I"}, ("unknown", "supplier 3")),
    ],
)
def test_who_did_it_is_told_by_numbers_and_never_by_the_name_shown(row, expected):
    assert who(row) == expected


def test_what_an_application_wrote_is_a_machines_unless_people_write_through_it():
    other = "9F7A6C1E-1111-4222-8333-444455556666"
    row = {"who_agentid": 5, "actionby_application_id": other}
    assert who(row) == ("automation", "5")
    assert who(row, applications=frozenset({other.lower()})) == ("staff", "5")
    assert who(row | {"actionby_application_id": "halo-web-application"}) == ("staff", "5")
    assert who(row | {"who_agentid": 0}) == ("automation", "")
    assert who(row | {"who_agentid": 0, "actionby_user_id": 33}) == ("contact", "33")


def test_what_our_own_application_wrote_is_ours():
    actor = author({"who_agentid": 5, "actionby_application_id": APPLICATION.upper()}, TICKET, reader())
    assert "self" in actor.marks


def test_a_customers_mail_is_theirs_although_it_is_hidden():
    found = message(action_row(who_agentid=0, emaildirection="I", hiddenfromuser=True, emailfrom="a@b"))
    assert (found.direction, found.channel, found.headers["from"]) == ("in", "email", "a@b")
    assert found.actor.marks == ("mail_connector",)


@pytest.mark.parametrize(
    ("change", "direction", "channel"),
    [
        ({}, "out", "note"),
        ({"hiddenfromuser": True}, "internal", "note"),
        ({"emaildirection": "O"}, "out", "email"),
        ({"emaildirection": "O", "hiddenfromuser": True}, "internal", "email"),
        ({"emaildirection": "O", "action_supplier_id": 3}, "internal", "email"),
        ({"timetaken": 0.5}, "out", "time_entry"),
        ({"outcome": "Phone Call", "timetaken": 0.1, "hiddenfromuser": True}, "out", "phone"),
        ({"outcome": "On-site Visit"}, "out", "visit"),
        ({"who_agentid": 0, "actionby_user_id": 33}, "in", "portal"),
        ({"note": "", "private_note": "rude", "timetaken": 0.5}, "internal", "time_entry"),
    ],
)
def test_which_way_it_went_and_how(change, direction, channel):
    found = message(action_row(**change))
    assert (found.direction, found.channel) == (direction, channel)


def test_what_does_not_say_whether_it_was_shown_counts_as_hidden():
    row = action_row()
    del row["hiddenfromuser"]
    assert message(row).direction == "internal"


def test_nothing_said_is_no_message():
    assert message(action_row(note="")) is None


def test_an_acknowledgement_of_halo_and_a_bounce_are_no_persons_words():
    assert message(action_row(is_halo_ack=True)).record.startswith("automatic")
    assert message(action_row(isundeliverable=True)).record.startswith("notification")


def test_what_an_agent_types_in_at_the_opening_are_the_customers_words():
    near = action_row(datetime="2026-09-01T08:00:04")
    described = message(near, first=True)
    assert (described.direction, described.actor.kind, described.record) == ("in", "contact", "description")
    assert message(near).actor.kind == "staff"
    assert message(action_row(), first=True).actor.kind == "staff"
    assert message(near | {"outcome": "Phone Call"}, first=True).actor.kind == "staff"
    assert message(near | {"hiddenfromuser": True}, first=True).actor.kind == "staff"
    alert = message(near | {"who_agentid": 6}, first=True)
    assert (alert.direction, alert.actor.kind, alert.record) == ("in", "automation", "description")
    assert message(near | {"who_agentid": 0}, first=True).direction == "out", "Halo answers by itself"
    (_, moved) = facts(near | {"old_status": 1, "new_status": 2}, TICKET, reader(), first=True)
    assert moved.actor.kind == "staff", "who moved it was not the customer"


def test_work_counts_when_it_was_written_down_and_a_mail_when_it_was_sent():
    late = {"timetaken": 1.0, "datetime": "2026-09-01T09:15:00", "actiondatecreated": "2026-09-01T12:00:00"}
    assert message(action_row(**late)).at == OPENED + timedelta(hours=4)
    assert message(action_row(**late, emaildirection="O")).at == OPENED + timedelta(hours=1, minutes=15)
    assert message(action_row(**late)).minutes == 60


def test_a_change_of_status_says_from_what_to_what():
    (_, change) = facts(action_row(old_status=1, new_status=4), TICKET, reader())
    assert isinstance(change, StatusChange)
    assert (change.from_, change.to, change.key) == ("New", "On Hold", "action:4321:2:status")
    assert len(facts(action_row(old_status=4, new_status=4), TICKET, reader())) == 1
    assert len(facts(action_row(old_status=0, new_status=0), TICKET, reader())) == 1


def test_a_status_nobody_lists_is_named_by_the_action():
    (_, change) = facts(action_row(old_status=1, new_status=77, new_status_name="Parked"), TICKET, reader())
    assert change.to == "Parked"


def test_actions_are_keyed_by_ticket_and_id_and_those_of_others_are_passed_over():
    rows = [action_row(id=2), action_row(id=1), action_row(id=1, ticket_id=5), action_row(id=None), "text"]
    events, bad = read_actions(rows, TICKET, reader())
    assert [event.key for event in events] == ["action:4321:1", "action:4321:2"]
    assert [item.ticket_id for item in bad] == ["4321", "4321"]


def test_an_appointment_is_as_old_as_the_action_that_booked_it():
    row = {"id": 3, "ticket_id": 4321, "agent_id": 5, "start_date": "2026-09-05T08:00:00"}
    at, made = datetime(2026, 9, 5, 8, 0, tzinfo=UTC), OPENED + timedelta(hours=1, minutes=15)
    told = booked([action_row(action_appointment_id=3), "text"], TICKET, reader())
    ticket_id, found = appointment(row, reader(), told)
    assert (ticket_id, found.at, found.starts_at, found.who) == ("4321", made, at, "5")
    assert appointment(row, reader(), {})[1].at == at
    for other in ({"start_date": "1900-01-01T00:00:00"}, {"ticket_id": 0}, {"deleted": True}):
        assert appointment(row | other, reader(), {}) is None


@given(
    st.dictionaries(st.sampled_from(sorted(action_row(timetaken=1, emaildirection="I", new_status=1))), junk)
)
def test_no_nonsense_in_an_action_hurts(change):
    try:
        found = facts(action_row() | change, TICKET, reader(), first=True)
    except Unreadable:
        return
    assert all(event.key.startswith("action:4321:") for event in found)


if PAYLOADS:

    def recorded(name):
        return json.loads((PAYLOADS[0] / name).read_text())

    def test_a_recorded_mail_is_the_customers_and_moves_the_status():
        said, change = facts(recorded("action_email_received.haloitsm.json"), TICKET, reader())
        assert (said.direction, said.actor.kind, said.text) == ("in", "contact", "customer replied")
        assert (said.minutes, change.from_, change.to) == (3, "New", "In Progress")

    def test_a_recorded_name_proves_nothing():
        rows = recorded("actions_list.panoramic.json")["actions"]
        events, bad = read_actions(rows, TICKET, reader())
        assert [(e.actor.kind, e.minutes) for e in events] == [("staff", 15)]
        assert len(bad) == 1, "the second has no date"
        assert who(rows[1]) == ("unknown", "")

    def test_recorded_tickets_are_read():
        from connector.psa.halo.mapping import snapshot

        listed = snapshot(recorded("ticket_list_row.haloitsm.json"), reader(), {})
        assert (listed.ticket.priority, listed.ticket.client, listed.ticket.owner) == (
            "P3 Medium",
            "Acme",
            "3",
        )
        assert listed.ticket.psa.response_at is not None
        assert "fix by" not in listed.ticket.psa.text
        detail = snapshot(ticket_row() | recorded("ticket_detail.panoramic.json"), reader(), {})
        assert detail.ticket.summary == "Printer offline"
        assert not detail.ticket.closed
