"""ConnectWise rows to our words, with the vendor's traps."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model import Ticket
from connector.psa.connectwise import mapping
from connector.psa.connectwise.mapping import Reader
from connector.psa.connectwise.people import People, member
from connector.psa.values import MAX_TEXT, Unreadable

PEOPLE = People(
    [
        member({"id": 1, "identifier": "jreed", "licenseClass": "F"}),
        member({"id": 2, "identifier": "Rewst", "licenseClass": "A"}),
    ],
    me="PxConnector",
)
READER = Reader(PEOPLE, site="https://na.myconnectwise.net", company="acme")
OPENED = "2026-01-05T09:00:00Z"
TICKET = Ticket(id="69", contact="17", opened_at=datetime(2026, 1, 5, 9, 0, tzinfo=UTC))
ROW = {
    "id": 69,
    "summary": "Printer",
    "board": {"id": 1, "name": "Service Desk"},
    "status": {"id": 2, "name": "In Progress"},
    "company": {"id": 250, "identifier": "ACME", "name": "Acme Dental"},
    "contact": {"id": 17, "name": "Ann"},
    "priority": {"id": 4, "name": "P3"},
    "owner": {"id": 1, "identifier": "jreed"},
    "closedFlag": False,
    "_info": {"dateEntered": OPENED, "lastUpdated": "2026-01-05T10:00:00Z", "updatedBy": "jreed"},
}


def shown(row=None, **change):
    return mapping.snapshot({**(row or ROW), **change}, READER, {})


def test_what_it_is_bundled_under_or_merged_into_is_kept():
    ticket = shown(parentTicketId=70, mergedParentTicket={"id": 71, "summary": "Printer"}).ticket
    assert (ticket.parent, ticket.merged_into) == ("70", "71")
    alone = shown(parentTicketId=None).ticket
    assert (alone.parent, alone.merged_into) == ("", "")


def note(**change):
    row = {
        "id": 5,
        "text": "hello",
        "detailDescriptionFlag": True,
        "dateCreated": "2026-01-05T10:00:00Z",
        **change,
    }
    return mapping.note(row, TICKET, READER)


def entry(**change):
    row = {
        "id": 8,
        "chargeToId": 69,
        "member": {"identifier": "jreed"},
        "notes": "spoke",
        "internalNotes": "secret",
        "timeStart": "2026-01-05T10:00:00Z",
        "timeEnd": "2026-01-05T10:12:00Z",
        "dateEntered": "2026-01-05T11:00:00Z",
        "actualHours": 0.2,
        **change,
    }
    return mapping.time_entry(row, READER)


# ── tickets ───────────────────────────────────────────────────────────────────────────────────


def test_a_ticket_says_what_the_psa_has():
    snapshot = shown(dateResponded="2026-01-05T09:04:00Z", isInSla=True, slaStatus="Waiting")
    ticket = snapshot.ticket
    assert (ticket.id, ticket.client, ticket.client_id, ticket.group) == (
        "69",
        "Acme Dental",
        "250",
        "Service Desk",
    )
    assert (ticket.owner, ticket.contact, ticket.status) == ("jreed", "17", "In Progress")
    named = {**ROW, "owner": {"id": 1, "identifier": "jreed", "name": "Jonas Reed"}}
    assert mapping.snapshot(named, READER, {}).ticket.owner == "Jonas Reed"
    assert ticket.opened_at == TICKET.opened_at
    assert ticket.psa.response_at == datetime(2026, 1, 5, 9, 4, tzinfo=UTC)
    assert (ticket.psa.sla_met, ticket.psa.text) == (True, "Waiting")
    assert (snapshot.version, snapshot.updated_by, snapshot.editor.kind) == (
        "2026-01-05T10:00:00Z",
        "jreed",
        "staff",
    )


def test_a_person_opens_it_on_the_host_without_api():
    assert shown().ticket.url == (
        "https://na.myconnectwise.net/v4_6_release/services/system_io/Service/fv_sr100_request.rails"
        "?service_recid=69&companyName=acme"
    )


def test_nulls_and_omissions_are_the_same():
    bare = {"id": 69, "_info": ROW["_info"]}
    nulls = dict.fromkeys(ROW, None) | bare
    assert shown(bare) == shown(nulls)


def test_unknown_fields_are_ignored():
    assert shown(somethingNew={"deep": [1]}).ticket == shown().ticket


@pytest.mark.parametrize(
    "row",
    [
        {"_info": {"dateEntered": OPENED}},
        {"id": "69", "_info": {"dateEntered": OPENED}},
        {"id": 69},
        {"id": 69, "_info": {"dateEntered": "31/12/2026"}},
        {"id": 69, "_info": {"dateEntered": "0001-01-01T00:00:00Z"}},
        {"id": 69, "_info": {"dateEntered": "9999-12-31T23:59:59Z"}},
        {"id": 69, "_info": {"dateEntered": "2026-02-30T00:00:00Z"}},
        {"id": 69, "_info": "gone"},
    ],
)
def test_a_ticket_without_id_or_possible_opening_is_unreadable(row):
    with pytest.raises(Unreadable):
        mapping.snapshot(row, READER, {})


def test_the_opening_date_may_stand_at_the_top_on_old_servers():
    assert shown({"id": 69, "dateEntered": OPENED}).ticket.opened_at == TICKET.opened_at


def test_a_row_without_last_updated_is_told_apart_by_its_content():
    first, same = shown({"id": 69, "dateEntered": OPENED}), shown({"id": 69, "dateEntered": OPENED})
    other = shown({"id": 69, "dateEntered": OPENED, "summary": "x"})
    assert first.version == same.version != other.version


def test_a_closed_ticket_tells_when_and_by_whom():
    row = ROW | {"closedFlag": True, "closedDate": "2026-01-06T09:00:00Z", "closedBy": "jreed"}
    close = mapping.closing(row, mapping.snapshot(row, READER, {}), READER)
    assert close is not None
    assert (close.actor.kind, close.to, close.key) == (
        "staff",
        "In Progress",
        "close:2026-01-06T09:00:00+00:00",
    )
    assert mapping.closing(ROW, shown(), READER) is None


def test_odd_dates_of_old_servers_are_read_and_impossible_ones_are_nothing():
    ticket = shown(
        dateResponded="2002-08-20T18: 04: 26Z", dateResplan="soon", closedDate="0001-01-01T00:00:00Z"
    ).ticket
    assert ticket.psa.response_at == datetime(2002, 8, 20, 18, 4, 26, tzinfo=UTC)
    assert ticket.psa.resplan_at is None
    assert ticket.closed_at is None


# ── notes ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("row", "kind", "direction", "marks"),
    [
        ({"contact": {"id": 17}, "createdBy": "zAdmin"}, "contact", "in", ("mail_connector",)),
        ({"contact": {"id": 17}}, "contact", "in", ()),
        ({"member": {"identifier": "jreed"}}, "staff", "out", ()),
        ({"member": {"identifier": "jreed"}, "contact": {"id": 17}}, "staff", "out", ()),
        ({"createdBy": "jreed"}, "staff", "out", ()),
        ({"member": {"identifier": "Rewst"}}, "automation", "out", ("api",)),
        ({"member": {"identifier": "Rewst"}, "contact": {"id": 17}}, "automation", "out", ("api",)),
        ({"createdBy": "Rewst", "customerUpdatedFlag": True}, "contact", "in", ()),
        ({"member": {"identifier": "jreed"}, "customerUpdatedFlag": True}, "staff", "out", ()),
        ({"createdBy": "zAdmin"}, "automation", "out", ("system",)),
        ({"createdBy": "zAdmin", "customerUpdatedFlag": True}, "contact", "in", ("mail_connector",)),
        ({"member": {"identifier": "zAdmin"}, "contact": {"id": 17}}, "contact", "in", ("mail_connector",)),
        ({"createdBy": "template247"}, "automation", "out", ("template",)),
        ({"createdBy": "PxConnector"}, "automation", "out", ("api", "self")),
        ({"createdBy": "ghost"}, "unknown", "out", ()),
        ({}, "unknown", "out", ()),
    ],
)
def test_who_wrote_a_note_and_which_way_it_went(row, kind, direction, marks):
    message = note(**row)
    assert (message.actor.kind, message.direction, message.actor.marks) == (kind, direction, marks)


@pytest.mark.parametrize(
    ("flags", "direction"),
    [
        ({"detailDescriptionFlag": True}, "out"),
        ({"detailDescriptionFlag": False, "resolutionFlag": True}, "out"),
        ({"detailDescriptionFlag": True, "internalAnalysisFlag": True}, "out"),
        ({"detailDescriptionFlag": False, "internalAnalysisFlag": True}, "internal"),
        ({"detailDescriptionFlag": None}, "internal"),
    ],
)
def test_the_customer_sees_discussion_and_resolution_only(flags, direction):
    assert note(member={"identifier": "jreed"}, **flags).direction == direction


def test_a_note_without_date_takes_the_mark_of_its_record():
    assert note(dateCreated=None, _info={"lastUpdated": OPENED}).at == TICKET.opened_at
    with pytest.raises(Unreadable, match="no possible date"):
        note(dateCreated="never")


def test_a_bad_note_is_set_aside_and_the_others_go_on():
    rows = [{"id": 2, "text": "b", "dateCreated": "never"}, {"id": 3, "text": "c", "dateCreated": OPENED}]
    events, bad = mapping.notes(rows, TICKET, READER)
    assert [event.key for event in events] == ["note:3"]
    assert (bad[0].ticket_id, "note 2" in bad[0].reason) == ("69", True)
    assert "b" not in bad[0].body.replace("dateCreated", "").replace("never", "")


def test_the_description_typed_in_by_staff_is_the_customers_word():
    row = {
        "id": 1,
        "text": "rang",
        "detailDescriptionFlag": True,
        "dateCreated": OPENED,
        "createdBy": "jreed",
    }
    answer = row | {"id": 2, "dateCreated": "2026-01-05T09:30:00Z"}
    first, second = mapping.notes([answer, row], TICKET, READER)[0]
    assert (first.actor.kind, first.actor.id, first.direction, first.record) == (
        "contact",
        "17",
        "in",
        "description",
    )
    assert (second.actor.kind, second.direction) == ("staff", "out")


def test_the_description_of_an_alert_stays_a_machines():
    row = {
        "id": 1,
        "text": "disk",
        "detailDescriptionFlag": True,
        "dateCreated": OPENED,
        "createdBy": "Rewst",
    }
    (message,) = mapping.notes([row], TICKET, READER)[0]
    assert (message.actor.kind, message.direction, message.record) == ("automation", "in", "description")


def test_a_first_answer_after_a_while_is_not_a_description():
    row = {
        "id": 1,
        "detailDescriptionFlag": True,
        "dateCreated": "2026-01-05T09:03:00Z",
        "createdBy": "jreed",
    }
    (message,) = mapping.notes([row], TICKET, READER)[0]
    assert (message.direction, message.record) == ("out", "note")


def test_a_two_megabyte_note_is_cut_and_its_length_kept():
    message = note(text="x" * 2_000_000)
    assert (len(message.text or ""), message.chars) == (MAX_TEXT, 2_000_000)


def test_text_is_kept_as_it_is_but_fit_for_a_database():
    assert note(text="**bold** ![](x) <b>y</b>\n\u00a0").text == "**bold** ![](x) <b>y</b>\n\u00a0"
    assert note(text="a\0b\ud83dc").text == "ab?c"


# ── time and schedule entries ─────────────────────────────────────────────────────────────────


def test_a_phone_call_reached_the_customer_when_it_ended():
    ticket_id, message = entry(workType={"name": "phone call"})
    assert (ticket_id, message.key, message.channel, message.direction) == ("69", "time:8", "phone", "out")
    assert (message.at.isoformat(), message.minutes) == ("2026-01-05T10:12:00+00:00", 12.0)


@pytest.mark.parametrize("flag", ["addToDetailDescriptionFlag", "addToResolutionFlag", "emailContactFlag"])
def test_a_shared_time_entry_reached_the_customer_when_it_was_entered(flag):
    _, message = entry(**{flag: True})
    assert (message.channel, message.direction, message.at.hour) == ("time_entry", "out", 11)


def test_internal_notes_never_become_what_the_customer_saw():
    assert entry(addToDetailDescriptionFlag=True, notes="")[1].text == ""
    assert entry(notes="")[1].text == "secret"
    assert entry(notes="")[1].direction == "internal"


def test_work_booked_by_a_machine_is_a_machines():
    assert entry(member={"identifier": "Rewst"})[1].actor.kind == "automation"
    assert entry(member=None, enteredBy="jreed")[1].actor.kind == "staff"


@pytest.mark.parametrize("change", [{"chargeToId": None}, {"chargeToId": "69"}, {"id": None}])
def test_a_time_entry_of_no_ticket_is_unreadable(change):
    with pytest.raises(Unreadable):
        entry(**change)


def test_an_appointment_was_agreed_when_it_was_entered():
    row = {
        "id": 3,
        "objectId": 69,
        "member": {"identifier": "jreed"},
        "dateStart": "2026-01-07T09:00:00Z",
        "_info": {"dateEntered": "2026-01-05T12:00:00Z", "enteredBy": "jreed"},
    }
    found = mapping.appointment(row, READER)
    assert found is not None
    assert (found[0], found[1].at.day, found[1].starts_at.day, found[1].who) == ("69", 5, 7, "jreed")
    assert mapping.appointment({"id": 3, "objectId": 69}, READER) is None, "assigning is not an appointment"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "name"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from([*ROW, "dateResponded", "closedDate", "isInSla"]), json_values))
def test_any_ticket_is_read_or_unreadable(row):
    with suppress(Unreadable):
        assert mapping.snapshot(row, READER, {}).ticket.id.isdecimal()


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["id", "text", "member", "contact", "dateCreated", "_info"]), json_values
        )
    )
)
def test_any_notes_are_read_or_set_aside(rows):
    events, bad = mapping.notes(rows, TICKET, READER)
    assert len(events) + len(bad) == len(rows)
