"""A client's own templates and its `count` and `never` rules: what they find, and what stands above what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.model import Evidence, Message
from connector.rules.authorship import counts, decide, judge
from connector.rules.authorship.counting import NOTE_FIELDS, note_of
from connector.rules.authorship.wording import named, pieces, plain
from connector.rules.policy import ClientTemplate, CountRule, ResponseRule
from tests.unit.authorship_kit import RULE, message_of

VOICEMAIL = ClientTemplate(name="left-voicemail", match=(pieces("left a * voicemail"), pieces("left vm")))


def sent(text: str | None = "I restarted the spooler.", **fields: Any) -> Message:
    given = {"actor": {"kind": "staff", "id": "a1", "name": "Dana", "team": "Desk"}, "direction": "out"}
    return message_of(text, **given | {"channel": "email"} | fields)


def rule(**fields: Any) -> ResponseRule:
    return replace(RULE, **fields)


def decided(message: Message, given: ResponseRule) -> tuple[bool, str]:
    counted, reason = decide(message, judge(message, given), given)
    return counted, reason.rule if reason else ""


# ── templates ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Left VM.", True),
        ("I left a quick voicemail for Dana, will try at 3.", True),
        ("LEFT  A\nlong voicemail", True),
        ("Left a message. The voicemail is full.", False),
        ("voicemail left a", False),
        ("Cleft vm", False),
        ("Left vms", False),
        ("Left a voicemail", True),
        ("", False),
    ],
)
def test_words_in_their_order_within_a_sentence(text: str, found: bool) -> None:
    assert (named(text, [VOICEMAIL]) is not None) is found


def test_it_says_the_content_with_the_sentence_as_evidence() -> None:
    verdict = judge(sent("Hi Dana,\n\nLeft a quick voicemail."), rule(templates=(VOICEMAIL,)))
    assert (verdict.cause, verdict.content, verdict.template) == ("human", "boilerplate", "left-voicemail")
    assert verdict.evidence[-1] == Evidence("template.left-voicemail", "text", "Left a quick voicemail")


def test_with_more_said_it_is_an_answer_unless_the_template_is_one() -> None:
    more = (
        "Left VM. The new certificate is on mail01 since nine, so Outlook will stop asking for the password."
    )
    assert judge(sent(more), rule(templates=(VOICEMAIL,))).template == ""
    reset = replace(VOICEMAIL, content="specific")
    assert judge(sent(more), rule(templates=(reset,))).template == "left-voicemail"


def test_a_template_may_call_an_answer_what_phrases_would_not() -> None:
    text = "We're looking into it; your request has been received."
    yes = ClientTemplate(name="typed-ack", match=(pieces("looking into it"),), content="specific")
    assert decided(sent(text), RULE) == (False, "")
    assert decided(sent(text), rule(templates=(yes,))) == (True, "")


@pytest.mark.parametrize(
    ("word", "boilerplate", "counted"),
    [
        (None, "not_counted", False),
        (None, "counted", True),
        ("counted", "not_counted", True),
        ("not_counted", "counted", False),
    ],
)
def test_whether_it_counts(word: Any, boilerplate: Any, counted: bool) -> None:
    given = rule(templates=(replace(VOICEMAIL, counts=word),), boilerplate=boilerplate)
    assert decided(sent("Left vm."), given) == (counted, "")


def test_min_words_and_the_first_that_fits() -> None:
    long = replace(VOICEMAIL, name="long", min_words=4)
    assert judge(sent("Left vm"), rule(templates=(long, VOICEMAIL))).template == "left-voicemail"
    assert judge(sent("Left vm, later more"), rule(templates=(long, VOICEMAIL))).template == "long"


def test_marks_of_punctuation_are_spaces_and_scripts_without_spaces_are_found() -> None:
    assert plain("  “Voice-mail”,  l’été! ") == "voice mail l été"
    assert pieces(" *left* a ** vm* ") == ("left", "a", "vm")
    assert pieces("* . *") == ()
    assert named("担当者より折り返しご連絡いたします。", [replace(VOICEMAIL, match=(("折り返し",),))])
    assert named("x", [replace(VOICEMAIL, match=((),))]) is None


def test_hostile_patterns_and_texts_are_read_at_once() -> None:
    stars = replace(VOICEMAIL, match=(pieces("a*" * 140),))
    assert named("a " * 30_000 + "b", [stars]) is None
    assert named("a" * 60_000, [replace(VOICEMAIL, match=(("a" * 299,),))]) is None


# ── count and never ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("conditions", "hit"),
    [
        ({"authors": frozenset({"a1"})}, True),
        ({"authors": frozenset({"dana"})}, True),
        ({"authors": frozenset({"desk"})}, True),
        ({"authors": frozenset({"", "a2"})}, False),
        ({"cause": frozenset({"human"})}, True),
        ({"cause": frozenset({"unknown"})}, False),
        ({"content": frozenset({"specific"})}, True),
        ({"content": frozenset({"boilerplate"})}, False),
        ({"channels": frozenset({"email"})}, True),
        ({"channels": frozenset({"phone"})}, False),
        ({"templates": frozenset({"left-voicemail"})}, False),
        ({"holds": lambda note: True}, True),
        ({"holds": lambda note: False}, False),
        ({"holds": lambda note: None}, False),
        ({"authors": frozenset({"a1"}), "channels": frozenset({"phone"})}, False),
    ],
)
def test_all_conditions_must_hold(conditions: dict[str, Any], hit: bool) -> None:
    given = rule(never=(CountRule(id="r", **conditions),))
    assert decided(sent(), given) == ((False, "never.r") if hit else (True, ""))


def test_never_stands_above_count_and_count_above_the_rest() -> None:
    count = CountRule(id="yes", authors=frozenset({"a1"}))
    never = CountRule(id="no", authors=frozenset({"desk"}))
    ack = sent("Your request has been received.")
    assert decided(ack, rule(count=(count,))) == (True, "count.yes")
    assert decided(ack, rule(count=(count,), never=(never,))) == (False, "never.no")
    assert decided(ack, rule(count=(count,), not_a_response=("has been received",))) == (True, "count.yes")
    assert counts(ack, judge(ack, RULE), rule(count=(count,)))


@pytest.mark.parametrize(
    ("fields", "named_too"),
    [
        ({"actor": {"kind": "automation", "id": "a1"}}, {"cause": frozenset({"automated"})}),
        ({"text": ""}, {"content": frozenset({"empty"})}),
        ({"channel": "note"}, {"channels": frozenset({"note"})}),
    ],
)
def test_machines_empty_messages_and_other_channels_count_only_where_named(
    fields: dict[str, Any], named_too: dict[str, Any]
) -> None:
    message = sent(fields.pop("text", "Done."), **fields)
    mail = rule(channels=frozenset({"email"}))
    count = CountRule(id="yes", authors=frozenset({"a1"}))
    assert decided(message, replace(mail, count=(count,))) == (False, "")
    assert decided(message, replace(mail, count=(replace(count, **named_too),))) == (True, "count.yes")


@pytest.mark.parametrize("fields", [{"direction": "in"}, {"direction": "internal"}, {"actor": "self"}])
def test_nothing_makes_these_an_answer(fields: dict[str, Any]) -> None:
    if fields.get("actor") == "self":
        fields = {"actor": {"kind": "staff", "id": "a1", "marks": ["self"]}}
    everything = CountRule(
        id="all",
        cause=frozenset({"human", "automated", "unknown"}),
        content=frozenset({"specific", "boilerplate"}),
    )
    assert decided(sent(**fields), rule(count=(everything,))) == (False, "")


# ── notes ─────────────────────────────────────────────────────────────────────────────────────


def test_a_note_has_every_key_whatever_the_message() -> None:
    full = sent("Hi,\n\nLEFT  vm\n\n> quoted", subject="RE: Printer", minutes=6.9)
    for message in (full, sent(None), message_of()):
        note = note_of(message, judge(message, RULE))
        assert {name: type(value) for name, value in note.items()} == dict(NOTE_FIELDS)
    note = note_of(full, judge(full, rule(templates=(VOICEMAIL,))))
    assert (note["text"], note["words"], note["minutes"], note["subject"]) == (
        "hi, left vm",
        3,
        6,
        "re: printer",
    )
    assert (note["template"], note["team"], note["learnt"]) == ("left-voicemail", "Desk", False)
