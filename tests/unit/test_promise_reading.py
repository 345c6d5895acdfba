"""Dated promises are read out of what people write, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from connector.model import CommitmentKind
from connector.rules.commitments.reading import QUOTE, may_promise, read
from tests.unit.desk import ALWAYS, DESK, at

SAID = at("10:00", 7)
"""A Wednesday in January at ten; the desk closes at 17:00."""


@pytest.mark.parametrize(
    ("text", "kind", "due"),
    [
        ("I'll call you by 3 pm.", "call", at("15:00", 7)),
        ("Our engineer will be with you tomorrow morning.", "visit", at("12:00", 8)),
        ("We'll have it fixed by Friday.", "fix", at("17:00", 9)),
        ("I will update you within the hour.", "update", at("11:00", 7)),
        ("I call you back in 30 minutes.", "call", at("10:30", 7)),
        ("I’ll look into it and call you back by 15:00 today.", "call", at("15:00", 7)),
        ("Tomorrow morning I'll come by and replace the switch.", "visit", at("12:00", 8)),
        ("By Friday, we will have the server restored.", "fix", at("17:00", 9)),
        ("You will hear from us by end of day.", "update", at("17:00", 7)),
        ("You can expect a call from me at 10 tomorrow.", "call", at("10:00", 8)),
        ("I'm going to ring you between 2 and 4 pm.", "call", at("16:00", 7)),
        ("I'll get back to you in an hour or two.", "update", at("12:00", 7)),
        ("I'll be on site Friday at 8:30.", "visit", at("8:30", 9)),
        ("We will let you know on 23 Jan at 9am.", "update", at("09:00", 23)),
        ("We'll follow up within 2 business days.", "update", at("17:00", 9)),
        ("I'll email you the quote by next Tuesday.", "update", at("17:00", 13)),
        ("I'll email you the quote this Friday.", "update", at("17:00", 9)),
        ("I'll email you the quote on Friday next week.", "update", at("17:00", 16)),
        ("Ich melde mich diesen Freitag.", "update", at("17:00", 9)),
        ("I'll have an engineer call you tomorrow at 9.", "call", at("09:00", 8)),
        (
            "I'll get this escalated and someone will reach out to you within the hour.",
            "update",
            at("11:00", 7),
        ),
        ("I'll send you an update first thing tomorrow.", "update", at("11:00", 8)),
        ("I'll check and get back to you tomorrow or Friday.", "update", at("17:00", 9)),
        ("I'll call you at 3 pm EST.", "call", at("21:00", 7)),
        ("We'll come out on the 25th.", "visit", at("00:00", 26)),
        ("I'll call you after 3pm.", "call", at("17:00", 7)),
        ("Will call you back at 3pm.", "call", at("15:00", 7)),
        ("I'll look into it tomorrow.", "unspecified", at("17:00", 8)),
        ("I don't have an answer yet, but I will get back to you by noon.", "update", at("12:00", 7)),
        ("I'll call you tomorrow, let me know if that does not suit.", "call", at("17:00", 8)),
        ("I'll update you by Tuesday 2026-01-13.", "update", at("17:00", 13)),
        ("We'll apply the update tonight at 22:00.", "unspecified", at("22:00", 7)),
        ("Ich rufe Sie morgen um 10 Uhr an.", "call", at("10:00", 8)),
        ("Wir werden das Problem bis Freitag beheben.", "fix", at("17:00", 9)),
        ("Morgen früh komme ich vorbei und tausche den Switch.", "visit", at("12:00", 8)),
        ("Ich melde mich innerhalb der nächsten Stunde.", "update", at("11:00", 7)),
        ("Unser Techniker kommt am Montag um 9 Uhr zu Ihnen.", "visit", at("09:00", 12)),
        ("Sie erhalten bis 15 Uhr eine Rückmeldung von uns.", "update", at("15:00", 7)),
        ("Wir kümmern uns bis Ende der Woche darum.", "unspecified", at("17:00", 9)),
    ],
)
def test_a_dated_promise_has_a_kind_and_a_time(text: str, kind: CommitmentKind, due: object) -> None:
    assert may_promise(text)
    assert [(one.kind, one.due_at) for one in read(text, SAID, DESK)] == [(kind, due)]


@pytest.mark.parametrize(
    "text",
    [
        "I'll call you at 4 if that suits.",
        "Can I call you at 3?",
        "Shall I call you tomorrow?",
        "I'll try to call you by 3.",
        "I won't be able to call you before Friday.",
        "I will not call you tomorrow.",
        "The vendor will call you by 5 pm.",
        "Microsoft will get back to you within 24 hours.",
        "Your mailbox will be moved by Microsoft on Friday.",
        "I'll ask the vendor to call you by Friday.",
        "I'll fix the bug you reported on Friday.",
        "I will be out of office until Monday.",
        "I'll be on leave from tomorrow.",
        "I said I'll call you tomorrow.",
        "I'll let you know when the part arrives tomorrow.",
        "Hopefully we'll have it fixed by Friday.",
        "We expect to have it fixed by Friday.",
        "We'll keep you posted.",
        "I'll call you soon.",
        "I'll get back to you in a couple of days.",
        "I'll have it ready by 3/4.",
        "I'll prepare the room for Friday.",
        "I'll send you the report about tomorrow's meeting.",
        "I called you yesterday at 3 pm.",
        "Please call us by Friday.",
        "Fill out the form and we'll get back to you within 24 hours.",
        "Once it is here, I'll call you within the hour.",
        'You wrote "I will call by 3 pm".',
        "We will be closed on Monday.",
        "I will take tomorrow off.",
        "I'll have our supplier call you tomorrow.",
        "I will need the serial number by Friday.",
        "You will need to call us by 3 pm.",
        "I'll escalate this to the network team, they will call you by 4 pm.",
        "I will be available from 9 to 5 tomorrow.",
        "Backups will run every night at 11 pm.",
        "We will be there at every step of your success.",
        "I'll call you today at 9 am.",  # that is over
        "Ich melde mich, sobald das Ersatzteil da ist.",
        "Können Sie mich morgen anrufen?",
        "Voraussichtlich werden wir das bis Freitag beheben.",
        "Der Hersteller meldet sich bis Freitag bei Ihnen.",
        "Guten Morgen, ich schaue nach.",
        "Ich bin bis Montag im Urlaub.",
        "Ich bin morgen nicht im Büro.",
        "Wir haben heute um 10 Uhr neu gestartet.",
    ],
)
def test_what_is_less_than_a_dated_promise_is_none(text: str) -> None:
    assert read(text, SAID, DESK) == []


def test_two_promises_of_one_message_are_two() -> None:
    found = read("I'll call you at 3 pm. We will have it fixed by Friday.", SAID, DESK)
    assert [(one.kind, one.due_at, one.desk) for one in found] == [
        ("call", at("15:00", 7), False),
        ("fix", at("17:00", 9), True),
    ]


def test_the_quoted_words_are_the_sentence_cut_to_what_can_be_shown() -> None:
    found = read("Hello Carol,\n\nI'll call you by 3 pm.\n\nBest", SAID, DESK)
    assert found[0].quote == "I'll call you by 3 pm"
    long = read("I'll call you by 3 pm and " + "tell you everything " * 20, SAID, DESK)
    assert len(long[0].quote) == QUOTE


def test_hours_that_would_end_when_nobody_works_are_working_time() -> None:
    """16:30 and two hours is 10:30 of the next working day, and half past six where people always work."""
    friday = at("16:30", 9)
    assert read("I'll call you in 2 hours.", friday, DESK)[0].due_at == at("10:30", 12)
    assert read("I'll call you in 2 hours.", friday, ALWAYS)[0].due_at == at("18:30", 9)


def test_a_time_without_a_day_is_the_next_one() -> None:
    assert read("I'll call you at 9.", at("16:00", 7), DESK)[0].due_at == at("09:00", 8)


def test_a_weekday_told_on_that_day_is_next_week() -> None:
    assert read("I'll call you on Wednesday.", SAID, DESK)[0].due_at == at("17:00", 14)
    assert read("I'll call you next Friday.", SAID, DESK)[0].due_at == at("17:00", 16)


def test_a_line_that_a_mail_program_wrapped_is_one_sentence() -> None:
    text = "Thanks for the picture, it shows what I was looking for. I will\ncall you by 3 pm."
    assert may_promise(text)
    assert [one.quote for one in read(text, SAID, DESK)] == ["I will call you by 3 pm"]
