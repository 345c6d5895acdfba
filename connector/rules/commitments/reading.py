"""Reads the promises out of a message's own words: what was said, of which kind, and until when.

Only a plain statement about something to come with a date counts. A question, a condition, a hope, a
quotation, what others will do, and times that belong to something else are no promise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from connector.model import CommitmentKind
from connector.rules.authorship.sentences import joined
from connector.rules.commitments.days import Told
from connector.rules.commitments.english import ENGLISH
from connector.rules.commitments.german import GERMAN
from connector.rules.commitments.language import Language, Piece
from connector.rules.commitments.moments import due
from connector.rules.worktime import WorkCalendar

LANGUAGES = (ENGLISH, GERMAN)

QUOTE = 160
"""Characters of a quotation."""
_PER_MESSAGE = 10
_LONGEST = 500  # characters of a sentence; what is longer is a log or a list
_REACH = 80  # characters between a promise and its time
_END = re.compile(r"(?:[.!?]+(?=\s|$)(?<!\d\.)(?<!\b[aApP]\.[mM]\.)(?<!\be\.g\.)(?<!\bapprox\.)|[\n;])")
_AHEAD = (
    "'ll", "’ll", "will", "going", "shall", "expect ", "calling you", "ringing you", "phoning you", " i call",
    " i ring", " i phone", "coming", " ich", "\nich", " wir ", "\nwir ", " wir\n", "unser ", "melde mich",
    "melden uns", "sie erhalten", "sie hören", "sie bekommen",
)  # fmt: skip
"""Every wording has one of these; looked for as plain text, as every message to a customer is asked."""


@dataclass(frozen=True, slots=True)
class Promise:
    """`quote`: the sentence. `desk`: in the name of the desk. `due_at`: by when, an instant in UTC."""

    quote: str
    kind: CommitmentKind
    desk: bool
    due_at: datetime


def may_promise(own: str) -> bool:
    """The cheap question first: whether it is worth reading these words for promises."""
    low = " " + own.casefold()
    return any(map(low.__contains__, _AHEAD)) and any(language.near.search(own) for language in LANGUAGES)


def read(own: str, at: datetime, calendar: WorkCalendar) -> list[Promise]:
    """The promises in a message's own words, written at `at`; ten at most. Linear in the text."""
    found: dict[tuple[CommitmentKind, datetime], Promise] = {}
    for sentence, asked in _sentences(own):
        if asked or len(sentence) > _LONGEST:
            continue
        for language in LANGUAGES:
            for promise in _of_sentence(sentence, at, calendar, language):
                found.setdefault((promise.kind, promise.due_at), promise)
                if len(found) >= _PER_MESSAGE:
                    return list(found.values())
    return list(found.values())


def _sentences(own: str) -> Iterator[tuple[str, bool]]:
    """Each sentence, and whether it is a question."""
    text, start = joined(own), 0
    for end in _END.finditer(text):
        yield text[start : end.start()].strip(" \t-*•>"), "?" in end[0]
        start = end.end()
    yield text[start:].strip(" \t-*•>"), False


def _of_sentence(
    sentence: str, at: datetime, calendar: WorkCalendar, language: Language
) -> Iterator[Promise]:
    if not language.near.search(sentence):
        return
    claims = _claims(sentence, language)
    if not claims or language.conditions.search(language.harmless.sub(" ", sentence)):
        return
    times = _times(sentence, language)
    for number, (start, end, first, desk) in enumerate(claims):
        until = claims[number + 1][0] if number + 1 < len(claims) else len(sentence)
        chosen = _time_of(sentence, start, end, until, times, language)
        if chosen is None:
            continue
        begin, stop, told = chosen
        if language.hedges.search(_clause(sentence[:start], language)) or language.hedges.search(
            sentence, end, max(end, stop)
        ):
            continue
        kind = _chained(sentence[end:begin], first, language) if begin >= end else first
        due_at = due(told, at, calendar, language)
        if due_at:
            yield Promise(_cut(sentence), kind, desk, due_at)


def _clause(before: str, language: Language) -> str:
    """What stands before a promise, from the last turn on: "I am not sure yet, but …"."""
    turns = [turn.end() for turn in language.turns.finditer(before)]
    return before[turns[-1] :] if turns else before


Claim = tuple[int, int, CommitmentKind, bool]


def _claims(sentence: str, language: Language) -> list[Claim]:
    """Where somebody of the desk says that they will do something: begin, end, what, in whose name."""
    found: list[Claim] = []
    for start in language.starts.finditer(sentence):
        verb = language.verbs.match(sentence, start.end())
        if verb:
            found.append((start.start(), verb.end(), _kind(verb), start["desk"] is not None))
    for wording in language.whole:
        found += [
            (one.start(), one.end(), wording.kind, wording.desk) for one in wording.pattern.finditer(sentence)
        ]
    return sorted(found)


def _kind(verb: re.Match[str]) -> CommitmentKind:
    return cast(CommitmentKind, verb.lastgroup)


def _chained(between: str, kind: CommitmentKind, language: Language) -> CommitmentKind:
    """The last of several things promised for the same time: "look into it and call you"."""
    for link in language.links.finditer(between):
        verb = language.verbs.match(between, link.end())
        if verb:
            kind = _kind(verb)
    return kind


Time = tuple[int, int, list[Told]]


def _times(sentence: str, language: Language) -> list[Time]:
    """The times told in a sentence, each put together from its pieces: begin, end, pieces."""
    found: list[Time] = []
    for piece in language.times.finditer(sentence):
        begin, end = piece.span()
        beginning = language.after.search(sentence, 0, begin) is not None
        told: Told = (cast(Piece, piece.lastgroup), piece[0], beginning)
        if found and language.glue.fullmatch(sentence, found[-1][1], begin):
            found[-1] = (found[-1][0], end, [*found[-1][2], told])
        else:
            found.append((begin, end, [told]))
    return found


def _time_of(
    sentence: str, start: int, end: int, until: int, times: list[Time], language: Language
) -> Time | None:
    """The time a promise was made for: the first behind it, else the one the sentence begins with."""
    behind = [time for time in times if end <= time[0] < until]
    if behind:
        time = behind[0]
        for other in behind[1:]:
            if language.either.fullmatch(sentence, time[1], other[0]):
                time = other
        between = sentence[end : behind[0][0]]
        if (
            len(between) > _REACH
            or language.breaks.search(between)
            or language.strangers.search(sentence, 0, behind[0][0])
        ):
            return None
        return time
    before = [time for time in times if time[1] <= start]
    if len(before) != 1 or not language.lead.fullmatch(sentence, 0, before[0][0]):
        return None
    return None if sentence[before[0][1] : start].strip(" ,:-–—") else before[0]


def _cut(sentence: str) -> str:
    words = " ".join(sentence.split())
    return words if len(words) <= QUOTE else words[: QUOTE - 1] + "…"
