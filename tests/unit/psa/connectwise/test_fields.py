"""Flags in custom fields: what each type holds, and which field is ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import Rejected
from connector.psa.connectwise.fields import Binding, Field, bind, decode, encode

CHECK = Field(11, "PX At Risk", "Checkbox")
TEXT = Field(12, "Zone")
NUMBER = Field(14, "Felt", "Number", decimals=1)
DATE = Field(15, "Due", "Date")
LIST = Field(16, "Zone", "Text", "List", options=("Green", "Orange"))


@pytest.mark.parametrize(
    ("field", "value", "sent", "read"),
    [
        (CHECK, "Yes", True, "Yes"),
        (CHECK, "No", False, ""),
        (CHECK, "", False, ""),
        (TEXT, "orange", "orange", "orange"),
        (TEXT, "two\nlines\u200b", "two lines", "two lines"),
        (TEXT, "x" * 150, "x" * 99 + "…", "x" * 99 + "…"),
        (TEXT, "", None, ""),
        (NUMBER, "42", 42, "42"),
        (NUMBER, "42.16", 42.2, "42.2"),
        (NUMBER, "93 % (n 14)", 93, "93"),
        (NUMBER, "", None, ""),
        (DATE, "2026-01-05T12:30:00Z", "2026-01-05T00:00:00Z", "2026-01-05"),
        (LIST, "orange", "Orange", "Orange"),
    ],
)
def test_what_is_written_reads_back_as_shown(field, value, sent, read):
    assert encode(field, value) == sent
    assert decode(field, sent) == read
    assert Binding({"zone": (field,)}).shown({"zone": value}) == {"zone": read}


@pytest.mark.parametrize(
    ("field", "value"), [(CHECK, "orange"), (NUMBER, "soon"), (DATE, "tomorrow"), (LIST, "red")]
)
def test_a_value_the_field_cannot_hold_is_refused_and_says_why(field, value):
    with pytest.raises(Rejected, match=field.caption):
        encode(field, value)
    assert Binding({"zone": (field,)}).shown({"zone": value}) == {"zone": value}


@given(st.text(max_size=300), st.sampled_from(["Text", "TextArea", "Checkbox", "Number"]))
def test_writing_what_is_shown_changes_nothing(value, kind):
    binding = Binding({"why": (Field(1, "Why", kind),)})
    once = binding.shown({"why": value})
    assert binding.shown(once) == once


@pytest.mark.parametrize(
    ("raw", "text"), [(None, ""), (42.0, "42"), ("a\u200eb ", "ab"), ([1], ""), (True, "Yes")]
)
def test_observed_values_are_survived(raw, text):
    assert decode(CHECK if raw is True else TEXT, raw) == text


def test_a_caption_is_found_whatever_its_case_and_only_on_tickets():
    known = [(Field(1, "Client PX"), "ct300"), (Field(2, "client px"), "sr100")]
    bound = bind({"px": frozenset({"CLIENT PX"})}, known, {})
    assert [f.id for f in bound.binding.fields["px"]] == [2]
    elsewhere = bind({"px": frozenset({"Client PX"})}, known[:1], {})
    assert (elsewhere.missing, len(elsewhere.notes)) == ([], 1)
    assert "not a field of service tickets" in elsewhere.notes[0]


def test_an_ambiguous_caption_is_refused_until_it_is_pinned():
    known = [(Field(1, "Zone"), "sr100"), (Field(2, "zone"), "sr100"), (Field(3, "Why"), "sr100")]
    captions = {"zone": frozenset({"Zone"}), "why": frozenset({"Why"})}
    bound = bind(captions, known, {})
    assert "zone" not in bound.binding.fields
    assert "several fields (1, 2)" in bound.notes[0]
    assert [f.id for f in bound.binding.fields["why"]] == [3]
    pinned = bind(captions, known, {"zone": 2})
    assert [f.id for f in pinned.binding.fields["zone"]] == [2]
    assert pinned.missing == []


def test_a_button_cannot_carry_a_flag():
    known = [(Field(1, "Go", "Button"), "sr100")]
    for pins in ({}, {"Go": 1}):
        bound = bind({"zone": frozenset({"Go"})}, known, pins)
        assert (bound.missing, bound.binding.fields, len(bound.notes)) == ([], {}, 1)
        assert "'Go' is of type Button" in bound.notes[0]


def test_of_several_captions_the_first_on_the_ticket_is_used():
    binding = Binding({"zone": (Field(1, "A"), Field(2, "B"))})
    assert binding.observed([{"id": 2, "value": "red"}]) == {"zone": "red"}
    assert binding.values({"zone": "red"}, [{"id": 2}]) == {Field(2, "B"): "red"}
    assert binding.observed([]) == {}
