"""Flags in Halo's custom fields: what each type holds, which field a caption means, what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import Rejected
from connector.psa.halo.fields import (
    CHECKBOX,
    DATE,
    MEMO,
    MULTI,
    SELECT,
    Binding,
    Field,
    bind,
    decode,
    encode,
)
from connector.psa.halo.writing import QUIET, element, kept

ZONES = ((1, "green"), (2, "red"))


@pytest.mark.parametrize(
    ("field", "value", "sent", "read"),
    [
        (Field(1, "F"), "orange", "orange", "orange"),
        (Field(1, "F"), "", "", ""),
        (Field(1, "F"), "two\nlines", "two lines", "two lines"),
        (Field(1, "F", limit=5), "orange", "oran…", "oran…"),
        (Field(1, "F", MEMO), "x" * 5000, "x" * 3999 + "…", "x" * 3999 + "…"),
        (Field(1, "F", numeric=True), "42 min", "42", "42"),
        (Field(1, "F", CHECKBOX), "Yes", True, "Yes"),
        (Field(1, "F", CHECKBOX), "", False, ""),
        (Field(1, "F", DATE), "2026-09-01T23:30:00+00:00", "2026-09-01T12:00:00", "2026-09-01"),
        (Field(1, "F", SELECT, options=ZONES), "Red", 2, "red"),
        (Field(1, "F", MULTI, options=ZONES), "red", "2", "red"),
        (Field(1, "F", SELECT, options=ZONES), "", None, ""),
    ],
)
def test_what_is_written_reads_back(field, value, sent, read):
    assert encode(field, value) == sent
    assert decode(field, sent) == read


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Field(1, "F", CHECKBOX), "perhaps"),
        (Field(1, "F", SELECT, options=ZONES), "mauve"),
        (Field(1, "F", SELECT), "red"),
        (Field(1, "F", DATE), "tomorrow"),
        (Field(1, "F", numeric=True), "many"),
    ],
)
def test_what_a_field_cannot_hold_is_refused_by_its_name(field, value):
    with pytest.raises(Rejected, match="'F'"):
        encode(field, value)


@given(st.text(max_size=400))
def test_any_text_reads_back_as_it_was_sent(words):
    for field in (Field(1, "F"), Field(1, "F", limit=20), Field(1, "F", MEMO)):
        shown = decode(field, encode(field, words))
        assert decode(field, encode(field, shown)) == shown


@pytest.mark.parametrize(
    ("value", "read"), [(None, ""), (42.0, "42"), ("42.0", "42"), ([1], ""), ({}, ""), (42, "42")]
)
def test_values_are_typed_loosely(value, read):
    assert decode(Field(1, "F", numeric=True), value) == read


def test_a_choice_whose_values_are_not_known_is_read_by_what_it_shows():
    assert decode(Field(1, "F", SELECT), 7, "orange") == "orange"


CAPTIONS = {"zone": frozenset({"SLA Zone"}), "why": frozenset({"PX Why", "Warum"})}


def row(number, label, **more):
    return {"id": number, "name": "CF" + label.replace(" ", ""), "label": label, "type": 0, "usage": 1} | more


def test_a_caption_is_a_label_or_a_name_in_any_case():
    found = bind(CAPTIONS, [row(5, "sla zone"), row(6, "CFwhy", name="PX Why"), None], {})
    assert {flag: [f.id for f in fields] for flag, fields in found.binding.fields.items()} == {
        "zone": [5],
        "why": [6],
    }
    assert found.missing == ["Warum"]


def test_two_fields_of_one_caption_are_refused_until_one_is_pinned():
    twice = [row(5, "SLA Zone"), row(6, "SLA Zone")]
    found = bind({"zone": frozenset({"SLA Zone"})}, twice, {})
    assert not found.binding.fields
    assert "5, 6" in found.notes[0]
    pinned = bind({"zone": frozenset({"SLA Zone"})}, twice, {"sla zone": 6})
    assert [f.id for f in pinned.binding.fields["zone"]] == [6]
    assert bind({"zone": frozenset({"SLA Zone"})}, [twice[0], twice[1] | {"usage": 2}], {}).binding.ids() == {
        5
    }


@pytest.mark.parametrize("kind", [5, 7, 99])
def test_a_field_of_a_type_that_holds_no_flag_is_said_to_be_one(kind):
    found = bind({"zone": frozenset({"SLA Zone"})}, [row(5, "SLA Zone", type=kind)], {})
    assert not found.binding.fields
    assert "cannot carry a flag" in found.notes[0]
    assert (found.missing, len(found.notes)) == ([], 1), "it is there"


def test_the_field_that_a_ticket_shows_wins_and_else_the_first():
    binding = Binding({"why": (Field(5, "PX Why"), Field(6, "Warum"))})
    assert binding.values({"why": "x"}, [{"id": 6, "value": None}]) == {6: "x"}
    assert binding.values({"why": "x"}, []) == {5: "x"}
    assert binding.values({"zone": "x"}, []) == {}
    assert binding.observed([{"id": 6, "value": "x"}]) == {"why": "x"}
    assert binding.observed([]) == {}
    assert binding.shown({"why": " x ", "zone": "y"}) == {"why": "x"}


def test_what_cannot_be_sent_back_as_it_was_is_not_sent_along():
    custom = [
        {"id": 1, "value": "CAB-17"},
        {"id": 2, "value": 7, "type": 2},
        {"id": 3, "value": "*****", "isencrypted": True},
        {"id": 4, "value": 12, "value_is_password_id": True},
        {"id": 5, "value": "3", "calculation": "[CFA]+1"},
        {"id": 6, "value": [{"id": 1}]},
        {"id": 7, "value": ""},
        {"value": "nobody's"},
    ]
    assert kept(custom) == {1: "CAB-17", 2: 7}


@pytest.mark.parametrize("ticket_id", [0, -1, None, "5", True, 5.0])
def test_an_element_without_an_id_is_never_made(ticket_id):
    with pytest.raises(Rejected, match="without its id"):
        element(ticket_id, {152: "x"})


def test_an_element_holds_the_id_our_fields_and_what_keeps_halo_quiet():
    assert element(42, {152: "x"}) == {"id": 42, "customfields": [{"id": 152, "value": "x"}], **QUIET}
    assert QUIET == {"dont_do_rules": True, "_dont_fire_automations": True}
