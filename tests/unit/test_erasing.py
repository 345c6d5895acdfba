"""What is kept of an erased person: found however it is written, and the same when it is read again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model import Actor, Event, Message, Rating, StatusChange, Ticket
from connector.rules.erasing import ERASED, Eraser, without_quotes, words_of

AT = datetime(2026, 1, 5, tzinfo=UTC)
BARE = Eraser(b"k" * 32, frozenset())
NAMES = ("Ann-Marie Ünal", "ann@acme.example", "J. R. O'Neil-Smith")
MARKS = {BARE.mark_of_words(words_of(name)) for name in NAMES} | {BARE.mark_of_id("17")}
ERASER = Eraser(b"k" * 32, frozenset(MARKS), (3, 2, 1))
ALIAS = ERASER.nameless("17")

actors = st.builds(
    Actor,
    kind=st.sampled_from(["contact", "staff", "automation", "unknown"]),
    id=st.sampled_from(["", "17", "18", "ann@acme.example"]),
    name=st.sampled_from(["", "Tom", *NAMES]),
)
texts = st.lists(st.sampled_from([*NAMES, "Ann", "leg", "\n", "“", "”", "17", "😀"]), max_size=8).map(
    " ".join
)
events = st.one_of(
    st.builds(
        Message,
        at=st.just(AT),
        actor=actors,
        subject=texts,
        text=st.none() | texts,
        headers=st.dictionaries(st.just("from"), texts),
    ),
    st.builds(
        Rating, at=st.just(AT), key=st.sampled_from(["r", "rating:note:1"]), actor=actors, comment=texts
    ),
    st.builds(StatusChange, at=st.just(AT), actor=actors),
)


@pytest.mark.parametrize(
    "text",
    [
        "ANN-MARIE ÜNAL", "(Ann-Marie  Ünal)", "ann-marie\n> ünal",
        "<Ann@ACME.example>", "mailto:ann@acme.example.", "j r o'neil-smith,",
    ],
)  # fmt: skip
def test_a_name_is_found_however_it_is_written(text: str) -> None:
    told = ERASER.text(f"Dear {text} hello 17")
    assert ERASED in told
    assert not {"ünal", "acme", "neil"} & set(told.casefold().replace("@", " ").split())
    assert told.startswith("Dear ")
    assert told.endswith(" hello 17"), "a contact's number is no word"


@pytest.mark.parametrize(
    "text", ["Ann Ünal-Marie", "ann@acme.example.org", "Marie Ünal", "", "Ünal Ann-Marie"]
)
def test_other_names_stay(text: str) -> None:
    assert ERASER.text(text) == text


@given(event=events, whole=st.booleans())
def test_read_again_it_is_the_same(event: Event, whole: bool) -> None:
    once = ERASER.event(event, whole=whole)
    assert ERASER.event(once, whole=whole) == once
    assert once.at == event.at
    assert not any(name in repr(once) for name in NAMES if event.actor.kind in ("contact", "unknown"))
    if isinstance(event, Rating) and isinstance(once, Rating):
        assert (once.score, once.scale) == (event.score, event.scale)
    if isinstance(event, Message) and isinstance(once, Message) and (whole or once.actor.id == ALIAS):
        assert (once.subject, dict(once.headers), once.text) == ("", {}, "" if event.text == "" else None)
        assert once.chars == (len(event.text) if event.text else event.chars)


def test_a_ticket_of_theirs_says_nothing_of_them_and_others_stay() -> None:
    hers = ERASER.ticket(Ticket(id="1", opened_at=AT, contact="17", summary="My leg", status="New"))
    assert (hers.contact, hers.summary, hers.status) == (ALIAS, ERASED, "New")
    assert ERASER.ticket(hers) == hers
    his = Ticket(id="2", opened_at=AT, contact="18", summary="Printer of 17")
    assert ERASER.ticket(his) == his
    assert ERASER.knows(ALIAS)
    assert not ERASER.knows("")


def test_staff_of_the_same_number_is_somebody_else() -> None:
    theirs = Message(at=AT, actor=Actor("staff", "17", "Tom"), text="Mended.")
    assert ERASER.event(theirs, whole=False) == theirs
    assert ERASER.event(theirs, whole=True).actor == theirs.actor


def test_only_what_goes_is_taken_out_of_a_text_of_ours() -> None:
    told = "- 1: “my leg hurts…”\n- 2: “no news” “my le"
    assert without_quotes(told, lambda quoted: "my leg hurts".startswith(quoted)) == (
        f"- 1: “{ERASED}”\n- 2: “no news” “{ERASED}”"
    )
