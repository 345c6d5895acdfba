"""Stock texts learnt from what a desk has sent before: what is one, what is not, and what it may decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connector.model import Message, StatusChange
from connector.rules.authorship import counts, judge, templates
from connector.rules.authorship.judgement import Learnt
from connector.rules.authorship.templates import KEPT, gathered, lines_of, repeated, sightings, with_use
from tests.unit.authorship_kit import AT, RULE, message_of

CANNED = (
    "We have looked at the report and it lies outside of what the contract covers.\n"
    "The vendor of the program can be reached through the portal they gave to you."
)
LATER = timedelta(days=9)


def sent(text: str, by: str = "a1", **fields: Any) -> Message:
    actor = fields.pop("actor", {"kind": "staff", "id": by})
    message = message_of(text, actor=actor, direction="out", channel="email", **fields)
    return replace(message, at=AT + LATER)


def desk(*said: tuple[str, str, str]) -> Learnt:
    """What is known after these were sent, a minute apart: ticket, author, text."""
    seen = []
    for minute, (ticket, author, text) in enumerate(said):
        message = replace(sent(text, author), at=AT + timedelta(minutes=minute))
        seen += sightings(ticket, [message])
    return Learnt(gathered(seen))


def used(text: str, tickets: int = 3, by: str = "a1") -> list[tuple[str, str, str]]:
    return [(f"{by}-{number}", by, text) for number in range(tickets)]


def content(message: Message, learnt: Learnt, ticket: str = "here") -> str:
    return judge(message, RULE, ticket=ticket, learnt=learnt).content


# ── what is a template ────────────────────────────────────────────────────────────────────────


def test_a_text_used_on_three_other_tickets_is_boilerplate() -> None:
    message = sent("Hi Dana,\n\n" + CANNED)
    assert content(message, desk(*used(CANNED, 2))) == "specific"
    verdict = judge(message, RULE, ticket="here", learnt=desk(*used(CANNED)))
    assert (verdict.cause, verdict.content) == ("human", "boilerplate")
    assert counts(message, verdict, RULE)
    assert not counts(message, verdict, replace(RULE, stock_texts="not_counted"))
    assert verdict.evidence[-1].rule == "template.learnt"
    assert verdict.evidence[-1].text.startswith("used on 3 tickets before: We have looked at the report")


def test_it_never_decides_the_cause() -> None:
    learnt = desk(*used(CANNED, 9))
    assert judge(sent(CANNED), RULE, ticket="here", learnt=learnt).cause == "human"
    nobody = sent(CANNED, actor={"kind": "unknown", "id": "a1"})
    assert judge(nobody, RULE, ticket="here", learnt=learnt).cause == "unknown"


def test_names_numbers_and_addresses_do_not_hide_it() -> None:
    one = (
        "Hello Dana,\n\nYour case INC-{0} is with the team in charge, see https://desk.example/{0} for it.\n"
        "The mailbox user{0}@example.com takes whatever you want to add about {0}.{0}.{0}.{0}."
    )
    learnt = desk(*((f"t{n}", "a1", one.format(n)) for n in range(3)))
    assert content(sent(one.format(77)), learnt) == "boilerplate"


def test_how_a_mail_program_wraps_it_does_not_matter() -> None:
    wrapped = CANNED.replace(" and it lies", "\nand it lies").replace(" through the", "\nthrough the")
    assert content(sent(wrapped), desk(*used(CANNED))) == "boilerplate"


def test_the_same_ticket_never_counts() -> None:
    learnt = desk(*(("t1", "a1", CANNED) for _ in range(9)))
    assert content(sent(CANNED), learnt, ticket="t2") == "specific"
    learnt = desk(*used(CANNED, 3))
    assert content(sent(CANNED), learnt, ticket="a1-1") == "specific"


def test_nor_do_other_authors() -> None:
    assert content(sent(CANNED, "a2"), desk(*used(CANNED, 9))) == "specific"


def test_nor_does_what_is_written_later() -> None:
    early = replace(sent(CANNED), at=AT + timedelta(minutes=2))
    assert content(early, desk(*used(CANNED, 9))) == "specific"
    fourth = replace(early, at=AT + timedelta(minutes=3))
    assert content(fourth, desk(*used(CANNED, 9))) == "boilerplate"


def test_a_macro_many_people_use_is_one_an_idiom_is_not() -> None:
    everybody = [(f"{by}-{n}", by, CANNED) for by in ("a1", "a2", "a3") for n in range(3)]
    assert content(sent(CANNED), desk(*everybody)) == "boilerplate"
    idiom = "Please try it once more now.\nTell me when it is back.\nI will have a look then."
    mine = used(idiom, 5)
    assert content(sent(idiom), desk(*mine)) == "boilerplate"
    assert content(sent(idiom), desk(*mine, ("x", "a2", idiom))) == "specific"


def test_of_an_author_nobody_knows_only_long_sentences_are_believed() -> None:
    nobody: dict[str, Any] = {"actor": {"kind": "unknown"}}
    long = gathered(s for n in range(4) for s in sightings(f"t{n}", [replace(sent(CANNED, **nobody), at=AT)]))
    assert content(sent(CANNED, **nobody), Learnt(long)) == "boilerplate"
    short = "Please try it once more now.\nTell me when it is back.\nI will have a look then."
    some = gathered(s for n in range(4) for s in sightings(f"t{n}", [replace(sent(short, **nobody), at=AT)]))
    assert content(sent(short, **nobody), Learnt(some)) == "specific"


def test_without_an_id_the_name_tells_authors_apart() -> None:
    dana = {"kind": "staff", "name": "Dana"}
    seen = [s for n in range(3) for s in sightings(f"t{n}", [replace(sent(CANNED, actor=dana), at=AT)])]
    learnt = Learnt(gathered(seen))
    assert content(sent(CANNED, actor={**dana, "name": "DANA"}), learnt) == "boilerplate"
    assert content(sent(CANNED, actor={**dana, "name": "Sam"}), learnt) == "specific"


# ── what is none ──────────────────────────────────────────────────────────────────────────────


SIGNATURE = "\n\nDana Field, second line support of Example Desk\nPhone 0800 123 456, every working day"
ANSWERS = [
    "The spooler on PRN-02 had stopped after the driver update, so I put the old driver back.",
    "Done.",
    "I reset the password, please try again.",
]


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_signature_or_a_closing_formula_makes_no_template(answer: str) -> None:
    learnt = desk(*used("Something else." + SIGNATURE, 30))
    assert content(sent(answer + SIGNATURE), learnt) == "specific"


def test_an_opening_formula_alone_makes_none() -> None:
    opening = "Thank you for bringing this to the attention of the people at the desk. "
    learnt = desk(*used(opening + "It is fixed in the new version of it.", 2), *used(opening, 3, "a1"))
    assert content(sent(opening + "The disk of SRV-04 had no room left, I freed some."), learnt) == "specific"


def test_with_much_new_to_say_it_is_an_answer() -> None:
    new = "The third switch in the rack lost its uplink when the cable was moved on Friday. " * 3
    assert content(sent(CANNED + "\n" + new), desk(*used(CANNED))) == "specific"


def test_less_than_a_third_repeated_is_none() -> None:
    text = "Ja bitte sehr gern. Das ist eine gute Idee. " + "Donaudampfschifffahrtsgesellschaftskapitän " * 9
    known = "Ja bitte sehr gern. Das ist eine gute Idee."
    assert content(sent(text), desk(*used(known))) == "specific"


def test_a_short_text_is_none() -> None:
    text = "Please restart your computer once, then try again."
    assert content(sent(text), desk(*used(text, 30))) == "specific"


@pytest.mark.parametrize(
    "change",
    [
        {"direction": "in"},
        {"direction": "internal"},
        {"actor": {"kind": "contact", "id": "a1"}},
        {"actor": {"kind": "automation", "id": "a1"}},
        {"text": None},
    ],
)
def test_only_what_people_of_the_desk_send_teaches_and_is_judged(change: dict[str, Any]) -> None:
    fields = {"text": CANNED, "actor": {"kind": "staff", "id": "a1"}, "direction": "out", **change}
    message = message_of(fields.pop("text"), **fields)
    assert list(sightings("t", [message])) == []
    assert repeated(message, CANNED, "here", desk(*used(CANNED, 5)).lines) is None


def test_other_facts_teach_nothing() -> None:
    assert list(sightings("t", [StatusChange(at=AT, to="New")])) == []


def test_scripts_without_spaces() -> None:
    text = (
        "お問い合わせいただきました件につきまして担当部署にて内容を確認しております。"
        "詳しい状況につきましては番号12345をお知らせください。"
    )
    assert content(sent(text), desk(*used(text.replace("12345", "7")))) == "boilerplate"
    assert content(sent(text), Learnt()) == "specific"


# ── how it is remembered ──────────────────────────────────────────────────────────────────────


def test_sentences_are_masked() -> None:
    (one, two) = lines_of("Dear Ms Field, host SRV-04 is up again!\nSee https://a.example/b and d@e.example")
    assert (one.raw, two.words) == ("Dear Ms Field, host SRV-04 is up again", 4)
    assert one.mark == lines_of("Hello,\nHost X9 is up again.")[0].mark
    assert two.mark == lines_of("see www.other.example and x@y")[0].mark
    assert lines_of("Hi Dana\n\n...\nOk then.")[0].mark == ""
    assert lines_of("Good news everybody, at last it prints") != ()


def test_the_earliest_use_of_a_ticket_stands_and_the_earliest_are_kept() -> None:
    uses = with_use(with_use((), (20, "a")), (10, "a"))
    assert uses == with_use(uses, (30, "a")) == ((10, "a"),)
    for number in range(100, 100 + 2 * KEPT):
        uses = with_use(uses, (number, f"t{number}"))
    assert len(uses) == KEPT
    assert uses[-1] == (100 + KEPT - 2, f"t{100 + KEPT - 2}")
    assert with_use(uses, (5, "z"))[0] == (5, "z")


def test_many_tickets_are_told_as_so_many_or_more() -> None:
    verdict = judge(sent(CANNED), RULE, ticket="here", learnt=desk(*used(CANNED, KEPT + 9)))
    assert f"used on {KEPT} or more tickets before" in verdict.evidence[-1].text


def test_a_huge_log_keeps_what_is_used_often() -> None:
    often = [s for n in range(4) for s in sightings(f"t{n}", [replace(sent(CANNED), at=AT)])]
    once = [
        s
        for n in range(60)
        for s in sightings("x", [sent(f"This {'very ' * n}rare sentence is said but once")])
    ]
    found = gathered([*often, *once], most=20)
    assert len(found) <= 20
    assert {s.line for s in often} <= set(found)


def test_the_least_of_a_template() -> None:
    assert (templates.SHARE, templates.OTHERS, templates.MIN_WORDS) == (0.3, 3, 12)
