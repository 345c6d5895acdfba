"""Flags in user-defined fields: what is written reads back as foretold, or is refused with a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import Rejected
from connector.psa.autotask.fields import Binding, Field, bind, decode, encode, from_definition
from connector.psa.autotask.picklists import Choice

ZONES = Field("Zone", "SLA Zone", "list", options=(Choice("g", "green"), Choice("o", "orange")))
RISK = Field("Risk", "PX At Risk", "list", options=(Choice("Yes", "Yes"), Choice("No", "No")))


def definition(name, kind="string", **more):
    return {"name": name, "label": name, "type": kind, "length": 0, "isPickList": False} | more


def picks(*labels):
    return [{"value": str(n), "label": label, "isActive": True} for n, label in enumerate(labels)]


@pytest.mark.parametrize(
    ("field", "said", "sent", "shown"),
    [
        (Field("t", length=5), "too long for it", "too…", "too…"),
        (Field("t"), " two\n lines\u200b ", "two lines", "two lines"),
        (Field("t"), "", None, ""),
        (Field("n", kind="whole"), "42.6 min", "43", "43"),
        (Field("n", kind="number"), "42.50", "42.5", "42.5"),
        (Field("d", kind="date"), "2026-11-20T23:30:00Z", "2026-11-20T00:00:00Z", "2026-11-20"),
        (ZONES, "Orange", "o", "orange"),
        (ZONES, "", None, ""),
        (RISK, "yes", "Yes", "Yes"),
        (RISK, "", "No", ""),
    ],
)
def test_a_value_is_written_as_the_field_takes_it(field, said, sent, shown):
    assert encode(field, said) == sent
    assert decode(field, sent) == shown


@pytest.mark.parametrize("value", ["42.0000", "42", 42, 42.0])
def test_a_number_reads_the_same_however_it_comes(value):
    assert decode(Field("n", kind="number"), value) == "42"


@pytest.mark.parametrize(
    ("field", "said"),
    [(Field("n", kind="whole"), "soon"), (Field("d", kind="date"), "soon"), (ZONES, "purple")],
)
def test_what_a_field_cannot_hold_is_refused(field, said):
    with pytest.raises(Rejected, match=said):
        encode(field, said)


@given(st.text(max_size=60), st.sampled_from(["text", "whole", "number", "date"]), st.integers(1, 30))
def test_what_is_written_reads_back_as_foretold(said, kind, length):
    field = Field("F", "F", kind, length)
    binding = Binding({"why": (field,)})
    try:
        sent = encode(field, said)
    except Rejected:
        assert binding.shown({"why": said}) == {"why": said}
        return
    observed = binding.observed({"userDefinedFields": [{"name": "F", "value": sent}]})
    assert observed == binding.shown({"why": said})


@pytest.mark.parametrize("found", [None, [], {}, "x", [None], [{"name": "Zone"}]])
def test_a_ticket_without_values_has_empty_flags(found):
    row = {} if found is None else {"userDefinedFields": found}
    assert Binding({"zone": (ZONES,)}).observed(row) == {"zone": ""}


def test_captions_find_their_fields_by_label_or_name():
    rows = [
        definition("SLAZone", label="SLA Zone", isPickList=True, picklistValues=picks("green")),
        definition("Due"),
        definition("Twin A", label="Twin"),
        definition("Twin B", label="Twin"),
        definition("Who", isReference=True),
        definition("Many", "multiselect"),
        definition("Fixed", isReadOnly=True),
    ]
    captions = {
        "zone": frozenset({"sla zone"}), "due": frozenset({"Due"}), "px": frozenset({"Twin"}),
        "why": frozenset({"Who", "Many", "Fixed", "Nowhere"}),
    }  # fmt: skip
    bound = bind(captions, rows, {})
    assert {flag: [f.name for f in fs] for flag, fs in bound.binding.fields.items()} == {
        "zone": ["SLAZone"],
        "due": ["Due"],
    }
    assert bound.missing == ["Nowhere"], "the others are there, and each has its own note"
    assert [
        [name for name in ("Fixed", "Many", "Twin", "Who") if repr(name) in note] for note in bound.notes
    ] == [
        ["Twin"],
        ["Fixed"],
        ["Many"],
        ["Who"],
    ]
    assert "reference" in bound.notes[-1]
    pinned = bind(captions, rows, {"Twin": "Twin B"})
    assert [f.name for f in pinned.binding.fields["px"]] == ["Twin B"]


def test_fields_of_several_captions_all_show_the_flag():
    binding = Binding({"zone": (Field("A", "A"), Field("B", "B"))})
    assert binding.values({"zone": "red"}) == {"A": "red", "B": "red"}
    both = [{"name": "A", "value": "red"}, {"name": "B", "value": "red"}]
    assert binding.observed({"userDefinedFields": both}) == binding.shown({"zone": "red"}) == {"zone": "red"}
    assert binding.observed({"userDefinedFields": both[:1]})["zone"] != "red"


def test_a_definition_without_a_type_is_no_field_for_us():
    assert isinstance(from_definition({"name": "X"}), str)
