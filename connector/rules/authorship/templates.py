"""Stock texts, learnt from what a desk has sent before: which sentences were on other tickets already.

Words alone miss most canned replies, and whole texts differ by a name or a number. So sentences are
compared, with names of things masked, by author. What was used before may say that a text is
boilerplate, never who caused it: people use templates too.

A use counts from its own instant on: what is found in a message depends on earlier messages only, so a
verdict once given is not taken back by what is written later, in whatever order the facts arrive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from types import MappingProxyType
from typing import TypeAlias

from connector.model import Actor, Event, Message
from connector.rules.authorship import words
from connector.rules.authorship.patterns import COURTESY
from connector.rules.authorship.sentences import sentences
from connector.rules.authorship.unwrap import unwrap
from connector.rules.authorship.words import fold

KEPT = 64
"""Tickets remembered of one sentence: the earliest. More are `64 or more`."""

LEARNT = "template.learnt"
"""The rule that names a template learnt, as evidence."""

SHARE = 0.30  # of the characters: from here on a text is a template
OTHERS = 3  # other tickets of the author from which a sentence is repeated
MIN_WORDS = 12  # a shorter message is no template: "Done, please try again." is said for good reason
_MIN_CHARS = 15  # of a sentence worth remembering
_IDIOM_WORDS = 8  # a shorter sentence that several people use is an idiom
_NEW_WORDS = 25  # words beside the repeated ones that make it an answer
_MOST = 64  # sentences of one message that are looked at
_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~–—“”„…¿¡«»"
_DIGITS = re.compile(r"\d+")
_OPENERS = words.GREETINGS | words.MAYBE_GREETINGS
_UNSPACED = "\u2e80"  # from here on: scripts that write no spaces
_GREETING = 4  # words in which a greeting with a name is over

Use: TypeAlias = tuple[int, str]
"""When a sentence was first used on a ticket, in seconds since 1970, and that ticket's mark."""

Uses: TypeAlias = tuple[Use, ...]
Lines: TypeAlias = Mapping[str, Mapping[str, Uses]]
"""By the mark of a sentence, and by author, its earliest uses: one a ticket, rising, at most KEPT."""

NO_LINES: Lines = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence: as written, its mark (16 hex digits, '' if too short to remember), and its size."""

    raw: str
    mark: str
    chars: int
    words: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """That an author used a sentence on a ticket."""

    line: str
    author: str
    use: Use


@dataclass(frozen=True, slots=True)
class Repeated:
    """The sentence of a message that was used on the most other tickets before."""

    line: str
    tickets: int

    def __str__(self) -> str:
        number = f"{self.tickets} or more" if self.tickets >= KEPT - 1 else str(self.tickets)
        return f"used on {number} tickets before: {self.line}"


def author_of(actor: Actor) -> str:
    """Who wrote, as templates are kept by author: the PSA's id, else the name; '' for nobody known."""
    return actor.id or actor.name.casefold()


def mark_of(text: str, size: int = 8) -> str:
    """A short name for a text: `size` bytes as hex."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=size).hexdigest()


@lru_cache(maxsize=256)
def lines_of(own: str) -> tuple[Line, ...]:
    """The sentences of a message's own words, greetings left out. Linear in the text."""
    found = []
    for raw in sentences(own)[:_MOST]:
        masked = _masked(raw)
        if masked:
            mark = mark_of(masked) if len(masked) >= _MIN_CHARS else ""
            found.append(Line(raw, mark, len(masked), _words(masked)))
    return tuple(found)


def _masked(sentence: str) -> str:
    """A sentence without what differs from ticket to ticket: addresses, numbers, keys, who is greeted."""
    kept = []
    for token in _ungreeted(fold(sentence).split()):
        if "://" in token or token.startswith("www."):
            kept.append("<url>")
        elif "@" in token:
            kept.append("<mail>")
        elif word := token.strip(_PUNCTUATION):
            if _DIGITS.search(word) is None:
                kept.append(word)
            else:
                kept.append(_DIGITS.sub("#", word) if word[-1] >= _UNSPACED else "#")
    return " ".join(kept)


def _ungreeted(tokens: list[str]) -> list[str]:
    if not tokens or tokens[0].strip(_PUNCTUATION) not in _OPENERS:
        return tokens
    for number, token in enumerate(tokens[:_GREETING]):
        if token[-1] in ",!:，":
            return tokens[number + 1 :]
    return [] if len(tokens) <= _GREETING else tokens


def _words(masked: str) -> int:
    """Words of a sentence; where none are spaced, two characters are taken for one."""
    spaced = masked.count(" ") + 1
    return spaced if masked.isascii() else max(spaced, sum(c >= _UNSPACED for c in masked) // 2)


def sightings(ticket: str, events: Iterable[Event]) -> Iterator[Sighting]:
    """What a ticket's timeline teaches: the sentences people of the desk sent to the customer."""
    mark = ""
    for event in events:
        if not (isinstance(event, Message) and _teaches(event)):
            continue
        mark = mark or ticket_mark(ticket)
        use, author = (seconds(event.at), mark), author_of(event.actor)
        own = unwrap(event.text or "", relayed=bool(event.headers)).own
        for line in {line.mark for line in lines_of(own)} - {""}:
            yield Sighting(line, author, use)


def _teaches(message: Message) -> bool:
    return bool(message.text) and message.direction == "out" and message.actor.kind in ("staff", "unknown")


def ticket_mark(ticket: str) -> str:
    """A ticket's name among the uses of a sentence."""
    return mark_of(ticket, 4)


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def with_use(uses: Uses, use: Use) -> Uses:
    """`uses` with one more: a ticket's earliest stands, the KEPT earliest stay. The order of adding and
    repetition change nothing."""
    at, ticket = use
    before = next((one for one in uses if one[1] == ticket), None)
    if before is not None:
        if before[0] <= at:
            return uses
        uses = tuple(one for one in uses if one is not before)
    elif len(uses) >= KEPT and uses[-1] < use:
        return uses
    return tuple(sorted((*uses, use)))[:KEPT]


def gathered(seen: Iterable[Sighting], most: int = 100_000) -> Lines:
    """What a whole log teaches, in bounded memory: of more than `most` sentences the rare are forgotten."""
    found: dict[str, dict[str, Uses]] = {}
    for one in seen:
        by = found.setdefault(one.line, {})
        by[one.author] = with_use(by.get(one.author, ()), one.use)
        if len(found) > most:
            often = sorted(found, key=lambda line: -sum(map(len, found[line].values())))
            found = {line: found[line] for line in often[: most // 2]}
    return found


def repeated(message: Message, own: str, ticket: str, lines: Lines) -> Repeated | None:
    """What makes a message a template, None if it is none: at least SHARE of it was on OTHERS other
    tickets of its author before, and little is new. `own`: its unwrapped words."""
    if not lines or not _teaches(message):
        return None
    found = lines_of(own)
    if sum(line.words for line in found) < MIN_WORDS:
        return None
    at, mark, author = seconds(message.at), ticket_mark(ticket), author_of(message.actor)
    before = [_others(line, author, mark, at, lines) for line in found]
    if not any(before):
        return None
    new = sum(_news(line) for line, tickets in zip(found, before, strict=True) if not tickets)
    if new > _NEW_WORDS:
        return None
    if new:
        before = _without_formulas(before)
    chars = sum(line.chars for line, tickets in zip(found, before, strict=True) if tickets)
    if not chars or chars < SHARE * sum(line.chars for line in found):
        return None
    most = max(before)
    return Repeated(found[before.index(most)].raw, most)


def _news(line: Line) -> int:
    """Words of a sentence that say something; a courtesy says nothing."""
    return 0 if COURTESY.search(fold(line.raw)) else line.words


def _others(line: Line, author: str, ticket: str, at: int, lines: Lines) -> int:
    """On how many other tickets its author used the sentence before; 0 if that is no template of theirs."""
    by = lines.get(line.mark) if line.mark else None
    if not by or author not in by:
        return 0
    tickets = sum(1 for when, where in by[author] if when < at and where != ticket)
    if tickets < OTHERS:
        return 0
    if line.words < _IDIOM_WORDS and (not author or sum(uses[0][0] < at for uses in by.values()) > 1):
        return 0
    return tickets


def _without_formulas(before: list[int]) -> list[int]:
    """A repeated end below something new is a signature or a courtesy; so is a single repeated sentence."""
    end = len(before)
    while end and before[end - 1]:
        end -= 1
    rest = before[:end]
    if sum(map(bool, rest)) < 2:
        return [0] * len(before)
    return rest + [0] * (len(before) - end)
