"""`doctor` tells a field whose type does not suit its flag, and what each vendor's fields can hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from connector.clients import default_policy
from connector.history.doctor.findings import Finding, Seen
from connector.history.doctor.fitting import fitting
from connector.model import FLAGS
from connector.psa.autotask import fields as autotask
from connector.psa.autotask.picklists import Choice
from connector.psa.connectwise import fields as connectwise
from connector.psa.halo import fields as halo
from connector.psa.kinds import FieldKind, kinds
from connector.psa.port import PsaFacts
from connector.rules.policy import SurveyRule

ZONES = ("Green", "yellow", "orange", "red")


def findings(flag: str, kind: str, *, asks: bool = True, **more: object) -> list[Finding]:
    field = FieldKind(caption="F", kind=kind, **more)
    facts = PsaFacts(server="x", me="", kinds={flag: (field,)})
    policy = replace(default_policy(), survey=SurveyRule(ask=asks))
    return fitting(Seen(policies=[policy], today=date(2026, 11, 22), facts=facts))


@pytest.mark.parametrize("flag", FLAGS)
def test_long_text_holds_every_flag(flag):
    found = findings(flag, "text", length=255)
    assert [one.severity for one in found] == (["note"] if flag in ("felt_response", "px_percent") else [])


@pytest.mark.parametrize(
    ("flag", "kind", "more"),
    [
        ("at_risk", "yes_no", {}),
        ("at_risk", "list", {"options": ("Yes", "no", "Maybe")}),
        ("zone", "list", {"options": ZONES}),
        ("felt_response", "number", {}),
        ("px_percent", "number", {}),
        ("why", "text", {}),  # of unknown length
    ],
)
def test_what_suits_is_not_mentioned(flag, kind, more):
    assert findings(flag, kind, **more) == []


@pytest.mark.parametrize(
    ("flag", "kind", "more", "told"),
    [
        ("due", "number", {}, "is of type Number, which cannot hold `due`"),  # it would show the year
        ("zone", "yes_no", {}, "is of type Checkbox"),
        ("why", "list", {}, "is of type List"),
        ("why", "date", {}, "is of type Date"),
        ("at_risk", "number", {}, "is of type Number"),
        ("felt_response", "date", {}, "is of type Date"),
        ("zone", "list", {"options": ("green", "red")}, "is a list without yellow, orange"),
        ("at_risk", "list", {"options": ("Yes",)}, "is a list without No"),
        ("survey", "text", {"length": 50}, "holds 50 characters, and `survey` has up to 100"),
        ("due", "text", {"length": 10}, "holds 10 characters"),
    ],
)
def test_what_cannot_hold_its_flag_is_a_warning_with_a_way_out(flag, kind, more, told):
    (one,) = findings(flag, kind, **more)
    assert (one.check, one.severity, one.code) == ("fields", "warning", "field-type")
    assert told in one.found
    assert one.why
    assert one.fix


@pytest.mark.parametrize(
    ("flag", "kind", "more", "told"),
    [
        ("due", "date", {}, "keeps the day only"),
        ("px", "number", {}, "not how many answered"),
        ("felt_response", "text", {"length": 100}, "is of type Text"),
        ("why", "text", {"length": 50}, "holds 50 characters"),
        ("zone", "text", {"listed": False}, "is not offered as a column of lists"),
    ],
)
def test_what_only_sorts_or_reads_worse_is_a_note(flag, kind, more, told):
    (one,) = findings(flag, kind, **more)
    assert one.severity == "note"
    assert told in one.found


def test_a_survey_field_is_judged_only_where_a_survey_is_asked():
    assert findings("survey", "text", length=50, asks=False) == []


def test_kinds_of_connectwise():
    of = connectwise.kind_of
    box = connectwise.Field(1, "a", "Checkbox")
    listed = connectwise.Field(2, "b", "Text", "List", options=("red",))
    assert of(box) == FieldKind(caption="a", kind="yes_no")
    assert of(listed) == FieldKind(caption="b", kind="list", options=("red",))
    assert [of(connectwise.Field(3, "c", one)).kind for one in ("Number", "Percent", "Date")] == [
        "number",
        "number",
        "date",
    ]
    row = {"id": 5, "caption": "e", "fieldTypeIdentifier": "Text", "listViewFlag": False}
    hidden = connectwise.from_definition(row)
    assert hidden is not None
    assert of(hidden).listed is False
    assert of(connectwise.Field(4, "d", "TextArea")) == FieldKind(caption="d", kind="text", length=1000)


def test_kinds_of_halo():
    of = halo.kind_of
    assert of(halo.Field(1, "a", halo.CHECKBOX)).kind == "yes_no"
    assert of(halo.Field(2, "b", halo.SELECT, options=((1, "red"),))) == FieldKind(
        caption="b", kind="list", options=("red",)
    )
    assert of(halo.Field(3, "c", halo.DATE)).kind == "date"
    assert of(halo.Field(4, "d", numeric=True)).kind == "number"
    assert of(halo.Field(5, "e")) == FieldKind(caption="e", kind="text", length=255)
    assert of(halo.Field(6, "f", halo.MEMO, limit=60)).length == 60


def test_kinds_of_autotask():
    of = autotask.kind_of
    choices = (Choice("1", "Yes"), Choice("2", "No"))
    assert of(autotask.Field("a", "A", "list", options=choices)) == FieldKind(
        caption="A", kind="list", options=("Yes", "No")
    )
    assert [of(autotask.Field("b", "", one)).kind for one in ("whole", "number", "date")] == [
        "number",
        "number",
        "date",
    ]
    assert of(autotask.Field("c", "", "text", 50)) == FieldKind(caption="c", kind="text", length=50)


def test_kinds_by_flag():
    bound = {"why": (connectwise.Field(1, "a"), connectwise.Field(2, "b"))}
    assert [one.caption for one in kinds(bound, connectwise.kind_of)["why"]] == ["a", "b"]
