"""History is sentences: they are cut where labels say, and where there is a doubt nothing is claimed."""

import json

import pytest

from connector.model import Assignment, ClientChange, PriorityChange, StatusChange
from connector.psa.autotask.history import between, changes
from connector.psa.autotask.merging import numbers
from tests.shared import shared
from tests.unit.psa.autotask.kit import reader

LABELS = frozenset({"New", "Wait to ship", "Done", "Ship to Done"})


@pytest.mark.parametrize(
    ("rest", "cut"),
    [
        ("New to Done", ("New", "Done")),
        ("Wait to ship to Done", ("Wait to ship", "Done")),
        ("[none selected] to Done", ("", "Done")),
        ("Old label to Done", ("Old label", "Done")),
        ("Gone to Vanished", ("Gone", "Vanished")),
        ("a to b to c", None),
        ("nothing here", None),
        ("", None),
    ],
)
def test_a_sentence_is_cut_where_the_labels_are(rest, cut):
    assert between(rest, LABELS) == cut


def test_a_sentence_that_can_be_cut_twice_claims_nothing():
    assert between("A to B to A to B", frozenset({"A", "B", "A to B", "B to A to B", "A to B to A"})) is None


def row(number, detail, **change):
    return {"id": number, "date": "2026-11-20T09:00:00Z", "resourceID": 29682899, "detail": detail} | change


def test_changes_are_told_with_who_and_when_and_noise_is_not():
    found = changes(
        [
            row(1, "Status changed from New to Waiting Customer"),
            row(2, "Priority changed from P2 to P1"),
            row(3, "Queue changed from [none] to Send to Shop"),
            row(4, "Primary Resource changed from Ann Lee to Jonas Reed"),
            row(5, "Company changed from Acme to Globex"),
            row(6, "Last Activity Date changed from 1 to 2"),
            row(7, "Description changed from a to b"),
            row(8, "Status changed from New to Complete", date=None),
            "nonsense",
        ],
        reader(),
    )
    told = [(type(e), e.from_, e.to, e.actor.kind) for e in found]
    assert told == [
        (StatusChange, "New", "Waiting Customer", "staff"),
        (PriorityChange, "P2", "P1", "staff"),
        (Assignment, "", "Send to Shop", "staff"),
        (Assignment, "Ann Lee", "Jonas Reed", "staff"),
        (ClientChange, "Acme", "Globex", "staff"),
    ]
    assert len({e.key for e in found}) == 5


def test_a_merge_is_read_off_the_ticket_number_whatever_the_language():
    def note(text, kind=93):
        return {"ticketID": 5, "noteType": kind, "description": text, "title": ""}

    assert numbers([note("Zusammengeführt mit T20200924.0046.051!")]) == {"5": "T20200924.0046.051"}
    assert numbers([note("merged into T20200924.0046.")]) == {"5": "T20200924.0046"}
    assert numbers([note("see T20200924.0046", kind=3), note("merged"), None]) == {}


if shared("payloads", "autotask", "ticket_history_detail_cases.json"):

    def test_sentences_seen_on_a_live_tenant_are_read():
        found = json.loads(shared("payloads", "autotask", "ticket_history_detail_cases.json")[0].read_text())
        for case in found["cases"]:
            (event,) = changes([row(1, case["detail"])], reader())
            assert (event.from_, event.to) == (case["from"] or "", case["to"])
        for action in found["noise_actions"]:
            assert changes([row(1, f"{action} from a to b", action=action)], reader()) == []
