"""Ratings that survey tools write into notes: "Customer rated 4/5: quick and friendly".

A pattern is plain words with places for what varies: `{score}`, `{scale}`, `{comment}`, `{contact}` and `*`
for anything. No regular expressions from users: every piece is sought once, behind the one before it, so a
search is as long as the text and no longer, whatever is in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from connector.model import Actor, Message, Rating
from connector.rules.marks import Marks

PREFIX = "rating:note:"
"""Keys of ratings read from notes begin with it."""

MOST = 4000  # characters of a note that are read
_TRIES = 20  # places at which the first words of a pattern are tried
_PLACE = re.compile(r"(\{[a-z]+\}|\*)")
_SCORE = re.compile(r"-?\d{1,6}(?:[.,]\d{1,4})?%?")
PLACES = ("{score}", "{scale}", "{comment}", "{contact}", "*")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRule:
    """`pieces`: literal text, lower case, and places in turn; `{score}` is one of them."""

    pieces: tuple[str, ...]
    source: str = "note"
    marks: Marks = field(default_factory=Marks)


def pattern(text: str) -> tuple[str, ...]:
    """The pieces of a pattern as written. ValueError says what is wrong with it.

    >>> pattern("Customer rated {score}/{scale}: {comment}")
    ('customer rated', '{score}', '/', '{scale}', ':', '{comment}')
    """
    parts = [" ".join(part.split()) for part in _PLACE.split(text)]
    pieces = tuple(part if part in PLACES else _lower(part) for part in parts if part)
    strange = [piece for piece in pieces if piece.startswith("{") and piece not in PLACES]
    if strange:
        raise ValueError(f"{strange[0]} is no place; there are {', '.join(PLACES)}")
    if pieces.count("{score}") != 1 or any(pieces.count(place) > 1 for place in PLACES[1:4]):
        raise ValueError('expected {score} once, like "Customer rated {score}/5: {comment}"')
    if pieces[0] in PLACES:
        raise ValueError(
            "expected words before the first place: a pattern that begins anywhere fits anything"
        )
    if any(one in PLACES and other in PLACES for one, other in pairwise(pieces)):
        raise ValueError("expected words between two places")
    return pieces


def rated_notes(timeline: Iterable[object], rules: Iterable[NoteRule], contact: str = "") -> list[Rating]:
    """The ratings in a ticket's notes; a note is read by the first rule that fits it.

    A note of the customer is no survey tool's. One a person of the desk wrote is told as theirs, so that
    admission refuses and lists it. `contact` is the ticket's, where a note names nobody.
    """
    rules = tuple(rules)
    if not rules:
        return []
    found = (_rated(e, rules, contact) for e in timeline if isinstance(e, Message) and e.text and e.key)
    return [rating for rating in found if rating is not None]


def _rated(note: Message, rules: tuple[NoteRule, ...], contact: str) -> Rating | None:
    if note.actor.kind == "contact" or note.direction == "in":
        return None
    text = " ".join((note.text or "")[:MOST].split())
    low = _lower(text)
    for rule in rules:
        said = _fit(text, low, rule)
        if said is None:
            continue
        score, scale, comment, who = said
        actor = note.actor if note.actor.kind == "staff" else Actor("contact", who or contact)
        return Rating(
            at=note.at,
            key=PREFIX + note.key,
            actor=actor,
            score=score,
            scale=scale,
            comment=comment,
            source=rule.source,
        )
    return None


def _fit(text: str, low: str, rule: NoteRule) -> tuple[float, float, str, str] | None:
    """Score, scale, comment and contact of a note that fits a rule, None if it does not."""
    begin = -1
    for _ in range(_TRIES):
        begin = low.find(rule.pieces[0], begin + 1)
        if begin < 0:
            return None
        places = _places(text, low, rule, begin + len(rule.pieces[0]))
        if places is not None:
            read = _read(places, rule.marks)
            if read is not None:
                return *read, places.get("{comment}", ""), places.get("{contact}", "")
    return None


def _places(text: str, low: str, rule: NoteRule, at: int) -> dict[str, str] | None:
    """What stands in each place, from `at` on; None where the words between are not there."""
    found: dict[str, str] = {}
    pieces = rule.pieces
    for number, piece in enumerate(pieces[1:], 1):
        while at < len(text) and text[at] == " ":
            at += 1
        if piece in ("{score}", "{scale}"):
            end = at + _length(low, at, rule.marks)
        elif piece in PLACES:
            following = pieces[number + 1] if number + 1 < len(pieces) else ""
            end = low.find(following, at) if following else len(text)
        else:
            end = at + len(piece) if low.startswith(piece, at) else -1
        if end < at or (piece in ("{score}", "{scale}") and end == at):
            return None
        found[piece] = text[at:end].strip()
        at = end
    return found


def _length(low: str, at: int, marks: Marks) -> int:
    """Length of the number or known word that stands at a place, 0 if neither does."""
    number = _SCORE.match(low, at)
    words = [len(word) for word in marks.words if word and low.startswith(word, at)]
    return max([number.end() - at if number else 0, *words])


def _read(places: dict[str, str], marks: Marks) -> tuple[float, float] | None:
    written = places["{score}"]
    if "{scale}" in places and written.casefold() not in marks.words:
        written = f"{written}/{places['{scale}']}"
    try:
        return marks.points(written), marks.scale
    except ValueError:
        return None


def _lower(text: str) -> str:
    """Lower case, letter by letter, so that places found in it are places in the text."""
    if text.isascii():
        return text.lower()
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)
