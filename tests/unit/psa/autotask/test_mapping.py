"""Autotask's rows become our words; what is odd is left out or set aside, never guessed."""

import contextlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.clients import default_policy
from connector.model import Rating
from connector.psa.autotask import mapping
from connector.psa.autotask.ratings import survey_result, thermometer
from connector.psa.values import Unreadable
from connector.rules.authorship.origin import by_author
from connector.rules.ratings import admit
from tests.shared import shared
from tests.unit.psa.autotask.kit import reader

TICKET = {
    "id": 100,
    "companyID": 174,
    "title": "Printer",
    "description": "It smokes",
    "createDate": "2026-11-20T08:00:00Z",
    "lastActivityDate": "2026-11-20T09:15:45.2Z",
    "lastTrackedModificationDateTime": "2026-11-20T08:00:00Z",
    "lastActivityPersonType": 1,
    "lastActivityResourceID": 29682899,
    "assignedResourceID": 29682899,
    "contactID": 5001,
    "createdByContactID": None,
    "creatorResourceID": 4,
    "priority": 4,
    "status": 7,
    "queueID": 8,
    "ticketType": 2,
    "source": 4,
    "completedDate": None,
    "firstResponseDueDateTime": "2026-11-20T09:00:00Z",
    "firstResponseDateTime": "2026-11-20T08:40:00Z",
    "resolvedDueDateTime": "2026-11-21T08:00:00Z",
    "serviceLevelAgreementHasBeenMet": None,
}
NOTE = {
    "id": 7, "ticketID": 100, "createDateTime": "2026-11-20T08:10:00.147Z", "noteType": 3, "publish": 1,
    "creatorResourceID": 29682899, "createdByContactID": None, "title": "Reply", "description": "Unplug it",
}  # fmt: skip
TIME = {
    "id": 4, "ticketID": 100, "resourceID": 29682899, "startDateTime": "2026-11-20T10:00:00Z",
    "endDateTime": "2026-11-20T10:06:00Z", "createDateTime": "2026-11-20T11:00:00Z", "hoursWorked": 0.1,
    "summaryNotes": "Spoke to Ann", "internalNotes": "rude", "billingCodeID": 3,
}  # fmt: skip


def snap(**change):
    return mapping.snapshot(TICKET | change, reader(), {})


def describe(**change):
    row = TICKET | change
    return mapping.description(row, mapping.snapshot(row, reader(), {}), reader())


def test_a_ticket_is_told_in_labels_and_names():
    shown = snap()
    ticket = shown.ticket
    assert (ticket.id, ticket.client, ticket.client_id, ticket.contact) == ("100", "Acme", "174", "5001")
    assert (ticket.priority, ticket.status, ticket.group) == ("P1", "Waiting Customer", "Help Desk")
    assert (ticket.type, ticket.owner, ticket.closed) == ("Incident", "Jonas Reed", False)
    assert ticket.url.endswith("/ExecuteCommand.aspx?Code=OpenTicketDetail&TicketID=100")
    assert ticket.psa.response_at == datetime(2026, 11, 20, 8, 40, tzinfo=UTC)
    assert ticket.psa.sla_met is None
    assert snap(serviceLevelAgreementHasBeenMet=False).ticket.psa.sla_met is False
    assert ticket.psa.text == "Resolution due 2026-11-21 08:00 UTC"
    assert (shown.editor.kind, shown.updated_by) == ("staff", "29682899")


def test_the_version_is_the_later_of_two_marks():
    """A ticket seen live was completed in 2022 and tracked as changed in 2020."""
    assert snap().version == "2026-11-20T09:15:45.200000+00:00"
    later = snap(lastTrackedModificationDateTime="2026-11-20T10:00:00Z")
    assert later.updated_at == datetime(2026, 11, 20, 10, tzinfo=UTC)
    neither = [snap(lastActivityDate=None, lastTrackedModificationDateTime=None, title=t) for t in "ab"]
    assert neither[0].version.startswith("sha256:")
    assert neither[0].version != neither[1].version


def test_an_unknown_number_stands_for_itself_and_nothing_for_nothing():
    ticket = snap(status=99, priority=None, assignedResourceID=None, companyID=5).ticket
    assert (ticket.status, ticket.priority, ticket.owner, ticket.client) == ("99", "", "", "")


def test_a_completed_ticket_is_closed_and_says_when_and_by_whom():
    row = TICKET | {"completedDate": "2026-11-21T09:00:00Z", "completedByResourceID": 29682899, "status": 5}
    shown = mapping.snapshot(row, reader(), {})
    close = mapping.closing(shown, row, reader())
    assert shown.ticket.closed
    assert close is not None
    assert (close.at, close.actor.kind, close.to) == (shown.ticket.closed_at, "staff", "Complete")
    assert mapping.closing(snap(), TICKET, reader()) is None


@pytest.mark.parametrize(
    ("change", "kind", "marks", "channel"),
    [
        ({"createdByContactID": 5001, "source": None}, "contact", (), "note"),
        ({}, "contact", ("mail_connector",), "email"),
        ({"creatorResourceID": 29682899, "source": 2}, "contact", ("on_behalf",), "phone"),
        ({"ticketType": 5}, "automation", ("system",), "email"),
        ({"monitorID": 12, "creatorResourceID": 29682900}, "automation", ("api",), "email"),
        ({"source": 8, "creatorResourceID": 29682899}, "automation", (), "note"),
    ],
)
def test_what_a_ticket_was_opened_with_is_the_customers_or_a_monitors(change, kind, marks, channel):
    said = describe(**change)
    assert (said.actor.kind, said.actor.marks, said.channel) == (kind, marks, channel)
    assert (said.direction, said.record, said.text) == ("in", "description", "It smokes")


def test_a_ticket_without_words_was_opened_with_none():
    assert describe(description=None) is None


def test_a_note_is_out_when_public_internal_when_not_and_in_from_a_contact():
    _, reply = mapping.note(NOTE, reader())
    _, private = mapping.note(NOTE | {"publish": 2}, reader())
    _, comanaged = mapping.note(NOTE | {"publish": 4}, reader())
    mail = NOTE | {"createdByContactID": 5001, "creatorResourceID": None, "noteType": 101}
    ticket, customer = mapping.note(mail, reader())
    assert [m.direction for m in (reply, private, comanaged, customer)] == [
        "out",
        "internal",
        "internal",
        "in",
    ]
    assert (ticket, reply.key, reply.subject, reply.channel) == ("100", "note:7", "Reply", "note")
    assert (customer.actor.kind, customer.channel) == ("contact", "email")


def test_who_writes_is_told_by_the_record():
    def actor(**change):
        return mapping.note(NOTE | change, reader())[1].actor

    assert (actor().kind, actor().team) == ("staff", "Level 1")
    assert actor(creatorResourceID=4).marks == ("system",)
    assert actor(creatorResourceID=29682900).marks == ("api",)
    assert actor(creatorResourceID=29682950).marks == ("api", "self")
    assert actor(impersonatorCreatorResourceID=29682950).marks == ("api", "self")
    assert actor(impersonatorCreatorResourceID=29682900).kind == "staff"
    listed = reader(machines=("rmm",))
    _, of_machine = mapping.note(NOTE | {"impersonatorCreatorResourceID": 29682900}, listed)
    assert (of_machine.actor.kind, of_machine.actor.id) == ("automation", "29682900")
    assert actor(creatorResourceID=1).kind == "unknown"


def test_a_call_reached_the_customer_at_its_end_and_work_when_it_was_entered():
    known = {
        "work_types": {"3": "Phone Call"},
        "channel": lambda name: "phone" if "Phone" in name else "time_entry",
    }
    _, call = mapping.time_entry(TIME, reader(**known))
    ticket, work = mapping.time_entry(TIME, reader())
    assert (call.channel, call.direction, call.at) == (
        "phone",
        "out",
        datetime(2026, 11, 20, 10, 6, tzinfo=UTC),
    )
    assert (work.channel, work.direction, work.at) == (
        "time_entry",
        "out",
        datetime(2026, 11, 20, 11, tzinfo=UTC),
    )
    assert (ticket, work.minutes, work.text) == ("100", 6.0, "Spoke to Ann")


def test_internal_notes_are_never_what_the_customer_saw():
    _, hidden = mapping.time_entry(TIME | {"summaryNotes": ""}, reader())
    assert (hidden.direction, hidden.text) == ("internal", "rude")
    _, shown = mapping.time_entry(TIME, reader())
    assert "rude" not in (shown.text or "")


@pytest.mark.parametrize(
    "change", [{"id": None}, {"id": "7"}, {"createDate": "soon"}, {"createDate": "0001-01-01T00:00:00"}]
)
def test_a_ticket_without_identity_or_date_is_set_aside(change):
    with pytest.raises(Unreadable):
        snap(**change)


@pytest.mark.parametrize(
    "change", [{"ticketID": None}, {"createDateTime": None, "lastActivityDate": "x"}, {"id": 0}]
)
def test_a_note_without_ticket_or_date_is_set_aside(change):
    with pytest.raises(Unreadable):
        mapping.note(NOTE | change, reader())


def test_what_is_set_aside_shows_ids_and_dates_and_no_words():
    bad = mapping.malformed(NOTE | {"description": "secret words"}, "note: no date")
    assert bad.ticket_id == "100"
    assert "secret" not in bad.body
    assert mapping.malformed("nonsense", "?").body == "str"


ODD = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.lists(st.none(), max_size=1)
)


@given(st.sampled_from(["ticket", "note", "time"]), st.data())
def test_odd_rows_never_do_more_than_be_set_aside(what, data):
    row = {"ticket": TICKET, "note": NOTE, "time": TIME}[what]
    odd = row | {
        name: data.draw(ODD) for name in data.draw(st.sets(st.sampled_from(sorted(row)), max_size=4))
    }
    read = {
        "ticket": lambda: mapping.snapshot(odd, reader(), {}),
        "note": lambda: mapping.note(odd, reader()),
        "time": lambda: mapping.time_entry(odd, reader()),
    }
    with contextlib.suppress(Unreadable):
        read[what]()


def test_an_appointment_is_who_goes_when_and_none_when_it_was_called_off():
    call = {"id": 28, "startDateTime": "2026-11-21T08:00:00Z", "endDateTime": "2026-11-21T09:00:00Z",
            "createDateTime": "2026-11-20T08:00:00Z", "creatorResourceID": 29682899}  # fmt: skip
    visit = mapping.appointment(call, "100", "29682899", reader())
    assert visit is not None
    assert (visit.who, visit.ends_at - visit.starts_at) == ("Jonas Reed", timedelta(hours=1))
    assert (
        mapping.appointment(call | {"canceledDateTime": "2026-11-20T10:00:00Z"}, "100", "", reader()) is None
    )
    assert mapping.appointment(call | {"startDateTime": None}, "100", "", reader()) is None


def test_a_survey_rates_by_its_mean_and_says_nothing_when_nothing_was_rated():
    row = {"id": 3, "ticketID": 100, "surveyID": 1, "contactID": 5001, "completeDate": "2026-11-20T12:00:00Z",
           "surveyRating": 4.5, "resourceRating": 1}  # fmt: skip
    ticket, rating = survey_result(row, {"1": "Closing"})
    assert (ticket, rating.score, rating.scale, rating.source) == ("100", 4.5, 5.0, "survey Closing")
    assert rating.actor.id == "5001"
    empty = row | {"surveyRating": None, "resourceRating": None}
    assert survey_result(empty, {}) is None
    for bad in ({"ticketID": None}, {"completeDate": None}):
        with pytest.raises(Unreadable):
            survey_result(row | bad, {})


def test_a_click_on_the_thermometer_is_a_rating_and_another_click_another():
    def click(**change):
        row = TICKET | change
        return thermometer(row, mapping.snapshot(row, reader(), {}), reader())

    assert click() is None
    good, bad = click(currentServiceThermometerRating=1), click(currentServiceThermometerRating=-1)
    assert [r.score / r.scale for r in (good, bad)] == [1.0, pytest.approx(1 / 3)]
    again = click(currentServiceThermometerRating=1, serviceThermometerTemperature=2)
    assert len({good.key, bad.key, again.key}) == 3
    assert click(currentServiceThermometerRating=1, lastActivityDate="2026-11-20T20:00:00Z") == good
    assert click(currentServiceThermometerRating=17) is None


@pytest.mark.parametrize(("first", "then"), [(1, -1), (-1, 1), (0, -1)])
def test_of_two_clicks_the_later_one_counts(first: int, then: int) -> None:
    """Neither has a time of its own: the first is the one with none before it."""

    def click(**change: object) -> Rating:
        row = TICKET | change
        found = thermometer(row, mapping.snapshot(row, reader(), {}), reader())
        assert found is not None
        return found

    early = click(currentServiceThermometerRating=first, serviceThermometerTemperature=first)
    late = click(
        currentServiceThermometerRating=then,
        serviceThermometerTemperature=first + then,
        previousServiceThermometerRating=first,
    )
    for told in ([early, late], [late, early]):
        counted, merged = admit(told, default_policy())
        assert (counted.verdict, merged.verdict) == ("counted", "merged")
        assert counted.rating.score == late.score


if shared("payloads", "autotask", "ticket_query_recorded_contractika.json"):

    def test_a_ticket_recorded_on_a_live_tenant_is_read():
        found = shared("payloads", "autotask", "ticket_query_recorded_contractika.json")[0].read_text()
        (row,) = json.loads(found)["items"]
        shown = mapping.snapshot(row, reader(), {})
        assert (shown.ticket.id, shown.ticket.status, shown.ticket.closed) == ("29296", "Complete", True)
        assert shown.ticket.closed_at == datetime(2022, 12, 7, 9, 15, 28, 147000, tzinfo=UTC)
        assert shown.updated_at == datetime(2022, 12, 7, 9, 15, 52, 407000, tzinfo=UTC)
        assert shown.ticket.psa.text == "", "no due date is no promise"


if shared("payloads", "autotask", "note_classification_cases.json"):

    def test_notes_are_peoples_or_machines_as_the_cases_say():
        found = shared("payloads", "autotask", "note_classification_cases.json")[0].read_text()
        for case in json.loads(found)["cases"]:
            _, said = mapping.note(NOTE | case["note"], reader())
            cause, _ = by_author(said.actor.kind, said.actor.marks, said.record, False)
            human = cause == "human" and said.subject != "Service Desk Notification"
            assert human == case["human"], case
            assert (said.direction == "in") == case.get("customer", False), case
            if "public" in case:
                assert (said.direction == "out") == case["public"], case
