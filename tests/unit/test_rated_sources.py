"""Scores as sources write them, in notes and in fields: numbers, words, scales that begin at the good end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connector.model import Actor, Message, Rating
from connector.rules.marks import Marks
from connector.rules.ratedfields import FieldRule, captions, rated_fields
from connector.rules.ratednotes import NoteRule, pattern, rated_notes

T0 = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BOT = Actor("automation", "smileback", marks=("api",))
FACES = Marks(
    scale=3, words={"positive": 3.0, "neutral": 2.0, "negative": 1.0, "-1": 1.0, "0": 2.0, "1": 3.0}
)


@pytest.mark.parametrize(
    ("marks", "written", "points"),
    [
        (Marks(), "5", 5),
        (Marks(), " 4,5 ", 4.5),
        (Marks(), 0, 0),
        (Marks(), "9/10", 4.5),
        (Marks(), "4 of 5", 4),
        (Marks(), "80 %", 4),
        (Marks(best="low"), "1", 5),
        (Marks(best="low"), "5", 1),
        (Marks(scale=4, best="low"), "2", 3),
        (Marks(scale=10), "10", 10),
        (FACES, "Negative", 1),
        (FACES, "-1", 1),
        (FACES, "1", 3),
    ],
)
def test_a_score_is_points_of_its_scale(marks: Marks, written: str | float, points: float) -> None:
    assert marks.points(written) == points


@pytest.mark.parametrize(
    ("marks", "written", "said"),
    [
        (Marks(), "6", "6 is not on the scale of 0 to 5"),
        (Marks(), "-1", "-1 is not on the scale of 0 to 5"),
        (Marks(best="low"), "0", "0 is not on the scale of 1 to 5"),
        (Marks(), "great", "expected a score of 5, got 'great'"),
        (Marks(), "nan", "expected a score of 5, got 'nan'"),
        (Marks(), "inf", "expected a score of 5, got 'inf'"),
        (Marks(), "1_0", "expected a score of 5, got '1_0'"),
        (Marks(), "4/0", "expected a score of 5, got '4/0'"),
        (Marks(), "", "expected a score of 5, got ''"),
        (FACES, "meh", "or one of positive, neutral, negative"),
    ],
)
def test_what_is_no_score_is_said(marks: Marks, written: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"expected|not on the scale") as error:
        marks.points(written)
    assert said in str(error.value)


def _note(text: str, **more: Any) -> Message:
    values: dict[str, Any] = {"actor": BOT, "direction": "internal"}
    return Message(at=T0, key="note:7", text=text, **{**values, **more})


def _read(text: str, *patterns: str, marks: Marks | None = None, **more: Any) -> list[Rating]:
    rules = [NoteRule(pieces=pattern(one), source="SmileBack", marks=marks or Marks()) for one in patterns]
    return rated_notes([_note(text, **more)], rules, contact="12")


RATED = "Customer rated {score}/{scale}: {comment}"


def test_a_machines_note_is_the_customers_rating() -> None:
    (rating,) = _read("CUSTOMER rated  4/5:\nQuick & friendly", RATED)
    assert rating == Rating(
        at=T0,
        key="rating:note:note:7",
        actor=Actor("contact", "12"),
        score=4,
        scale=5,
        comment="Quick & friendly",
        source="SmileBack",
    )


@pytest.mark.parametrize(
    ("text", "written", "score", "comment"),
    [
        ("Customer rated 8/10: Fine", RATED, 4, "Fine"),
        ("Ticket 12. Customer rated 2/5:", RATED, 2, ""),
        (
            "New review by Ann Lee: Negative (too slow) - see app",
            "review by *: {score} ({comment})",
            1,
            "too slow",
        ),
        ("Rating: 3 stars", "rating: {score}", 3, ""),
        ("rating: none yet. Rating: 2", "rating: {score}", 2, ""),
        ("Ünïcode İstanbul rated 5/5: schön", "istanbul rated {score}/{scale}: {comment}", None, ""),
        ("ÜNÏCODE rated 5/5: Schön", "ünïcode rated {score}/{scale}: {comment}", 5, "Schön"),
    ],
)
def test_patterns_are_words_and_places(text: str, written: str, score: float | None, comment: str) -> None:
    marks = Marks(words={"positive": 5.0, "negative": 1.0})
    found = _read(text, written, marks=marks)
    assert [(rating.score, rating.comment) for rating in found] == ([(score, comment)] if score else [])


def test_the_contact_is_whom_the_note_names() -> None:
    (rating,) = _read("Review from ann@acme.example, score 1", "review from {contact}, score {score}")
    assert rating.actor == Actor("contact", "ann@acme.example")


def test_a_person_of_the_desk_who_writes_such_a_note_is_told_as_its_author() -> None:
    (rating,) = _read("Customer rated 5/5: top!", RATED, actor=Actor("staff", "ana", "Ana"))
    assert rating.actor == Actor("staff", "ana", "Ana")


@pytest.mark.parametrize(
    "note",
    [
        _note("Customer rated 5/5: top!", actor=Actor("contact", "12")),
        _note("Customer rated 5/5: top!", direction="in", actor=Actor("unknown")),
        _note("Customer rated 9/5: top!"),
        _note("Customer rated five/5: top!"),
        _note("Somebody else wrote this"),
        Message(at=T0, key="note:8", actor=BOT, direction="internal"),
    ],
)
def test_other_notes_are_no_ratings(note: Message) -> None:
    assert rated_notes([note], [NoteRule(pieces=pattern(RATED))]) == []


def test_the_first_pattern_that_fits_reads_a_note() -> None:
    found = _read("Customer rated 4/5: ok", RATED, "rated {score}/5")
    assert [rating.comment for rating in found] == ["ok"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rated {skore}", "is no place"),
        ("rated well", "expected {score} once"),
        ("rated {score} of {score}", "expected {score} once"),
        ("{score} points", "expected words before the first place"),
        ("* rated {score}", "expected words before the first place"),
        ("rated {score} {comment}", "expected words between two places"),
        ("", "expected {score} once"),
    ],
)
def test_a_pattern_that_cannot_be_used_says_why(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"expected|is no place") as error:
        pattern(text)
    assert said in str(error.value)


def test_a_hostile_note_takes_no_longer_than_its_length() -> None:
    text = "customer rated " * 100_000
    assert _read(text, "customer rated {score}/{scale}: {comment} end of {contact} done") == []


# ── fields ──────────────────────────────────────────────────────────────────────────────────────

CSAT = FieldRule(caption="CSAT Rating", comment="CSAT Comment", marks=Marks(words={"happy": 5.0}))


def _seen(fields: dict[str, str], *before: Rating, version: str = "v1") -> list[Rating]:
    found, unreadable = rated_fields(fields, [CSAT], before, T0, version, "12")
    assert unreadable == []
    return found


def test_a_fields_value_is_a_rating_once() -> None:
    (rating,) = _seen({"csat rating": " Happy ", "CSAT Comment": "Great"})
    assert (rating.key, rating.score, rating.comment) == ("rating:field:CSAT Rating:v1", 5, "Great")
    assert (rating.source, rating.actor) == ("field CSAT Rating", Actor("contact", "12"))
    assert _seen({"CSAT Rating": "5", "CSAT Comment": "Great"}, rating, version="v2") == []


def test_another_value_is_another_rating_and_a_late_comment_is_none() -> None:
    (first,) = _seen({"CSAT Rating": "2"})
    (commented,) = _seen({"CSAT Rating": "2", "CSAT Comment": "Slow"}, first, version="v2")
    assert (commented.key, commented.comment, commented.at) == (first.key, "Slow", first.at)
    (other,) = _seen({"CSAT Rating": "4", "CSAT Comment": "Slow"}, commented, version="v3")
    assert (other.key, other.score) == ("rating:field:CSAT Rating:v3", 4)


@pytest.mark.parametrize("fields", [{}, {"CSAT Rating": ""}, {"CSAT Rating": "  "}, {"Other": "5"}])
def test_an_empty_field_says_nothing(fields: dict[str, str]) -> None:
    assert _seen(fields) == []


def test_a_field_that_cannot_be_read_is_named() -> None:
    found, unreadable = rated_fields({"CSAT Rating": "sunny"}, [CSAT], [], T0, "v1")
    assert found == []
    assert unreadable == ["the field 'CSAT Rating': expected a score of 5, or one of happy, got 'sunny'"]


def test_both_captions_are_read() -> None:
    assert captions([CSAT, FieldRule(caption="NPS")]) == {"CSAT Rating", "CSAT Comment", "NPS"}
