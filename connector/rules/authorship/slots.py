"""The slots of an absence note: who, is away, until when, what instead; and what only somebody present says.

An auto-reply fills the same slots in every language: SOMEBODY (`self`, `title`, `office`, `others`) IS AWAY
(`away`, `alone` where the turn says of itself who, `closed`, `gone` for good, `unread` of a mailbox), UNTIL
WHEN (`when`, `back`) and WHAT INSTEAD (`later`, `limited`, `call`). Somebody who is there asks for things
(`please`, `here`), or speaks of an absence that is over or to come (`after`). Each language fills the slots
with turns of its own (`awaywest`, `awayromance`, `awaynorth`, `awaysouth`, `awayeast`, `awayfar`); a text is
read in the language most of its words belong to, because small words mean something else next door. Linear in
the text: a turn is looked up by its longest word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate

from connector.rules.authorship import awayeast, awayfar, awaynorth, awayromance, awaysouth, awaywest
from connector.rules.authorship.kept import kept
from connector.rules.authorship.words import fold

STATES = ("away", "alone", "closed", "gone", "back", "unread", "limited")
_WORD = re.compile(r"\w+")
_PART = re.compile(r"[\w*]+")
_ADDRESS = re.compile(r"[\w.+-]{1,80}@[\w.-]{1,80}|(?:https?://|www\.)\S{1,200}", re.ASCII)
_CLAUSE = re.compile(
    r"[,;:()–—]| - |(?=\b(?:and|und|et|och|og|и|й|та|ve|és|și|και|oraz"
    r"|but|aber|mais|pero|maar|men|mutta|но|ama|ale|y|e|en|so|donc|daher|deshalb)\b)"
)
_UNSPACED = re.compile("[\u0590-\u06ff\u2e80-\uffff]")


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn of one language: which slot it fills, its words, and at which of them it is looked up."""

    language: int
    slot: str
    words: tuple[str, ...]
    at: int


@dataclass(slots=True)
class Read:
    """A sentence: its words, where its clauses begin, and where each slot is filled, as (first word, word
    after)."""

    words: list[str]
    clauses: list[int] = field(default_factory=list)
    filled: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def has(self, *slots: str) -> bool:
        return any(slot in self.filled for slot in slots)

    def before(self, at: int, *slots: str, since: int = 0) -> bool:
        """Whether one of the slots is filled between two words."""
        return any(since <= first < at for slot in slots for first, _ in self.filled.get(slot, ()))


def _turns() -> tuple[dict[str, list[Turn]], dict[str, list[Turn]], dict[str, list[Turn]]]:
    """All turns by the word they are looked up by: whole, by how it begins, and by how it ends."""
    whole: dict[str, list[Turn]] = {}
    begun: dict[str, list[Turn]] = {}
    ended: dict[str, list[Turn]] = {}
    for number, language in enumerate(_SPACED):
        for slot, listed in language.items():
            for phrase in listed.split(","):
                parts = tuple(_PART.findall(fold(phrase)))
                at = max(range(len(parts)), key=lambda one: len(parts[one]))
                turn, anchor = Turn(number, slot, parts, at), parts[at]
                by = begun if anchor.endswith("*") else ended if anchor.startswith("*") else whole
                by.setdefault(anchor.strip("*"), []).append(turn)
    return whole, begun, ended


_SPACED = (
    *awaywest.LANGUAGES,
    *awayromance.LANGUAGES,
    *awaynorth.LANGUAGES,
    *awaysouth.LANGUAGES,
    *awayeast.LANGUAGES,
)
_WHOLE, _BEGUN, _ENDED = _turns()
_FAR = tuple(
    {slot: tuple(fold(one.strip()) for one in listed.split(",")) for slot, listed in language.items()}
    for language in awayfar.LANGUAGES
)
_BEGIN_AT = range(min(map(len, _BEGUN)), max(map(len, _BEGUN)) + 1)
_END_AT = range(min(map(len, _ENDED)), max(map(len, _ENDED)) + 1)


@kept(most=16384)
def _looked_up(word: str) -> tuple[Turn, ...]:
    """The turns that may stand around a word."""
    found = list(_WHOLE.get(word, ()))
    for length in _BEGIN_AT:
        if length <= len(word):
            found += _BEGUN.get(word[:length], ())
    for length in _END_AT:
        if length < len(word):
            found += _ENDED.get(word[-length:], ())
    return tuple(found)


@kept(most=16384)
def _stating(word: str) -> tuple[str, ...]:
    """The turns that state an absence a word may belong to, as far as they are written out."""
    found = (turn for turn in _looked_up(word) if turn.slot in STATES)
    return tuple(" ".join(turn.words).strip("*") for turn in found)


def may_state(tokens: frozenset[str], split: list[str]) -> bool:
    """Whether a folded text of these words may state an absence; rarely true of one that does not."""
    candidates = [phrases for word in tokens if (phrases := _stating(word))]
    if not candidates:
        return False
    joined = " ".join(split)
    return any(phrase in joined for phrases in candidates for phrase in phrases)


def read(sentences: list[str]) -> list[list[Read]]:
    """Folded sentences, read in the language or languages that most of their words belong to."""
    plain = [_ADDRESS.sub(" @ ", one) for one in sentences]
    if any(not one.isascii() and _UNSPACED.search(one) for one in plain):
        far = [reading for language in _FAR if (reading := _far(plain, language))]
    else:
        far = []
    split, clauses = [], []
    for one in plain:
        parts = [_WORD.findall(part) for part in _CLAUSE.split(one)]
        clauses.append(list(accumulate(map(len, parts), initial=0)))
        split.append([word for part in parts for word in part])
    found = [[(turn, at - turn.at) for at, word in enumerate(words) for turn in _looked_up(word)
              if _stands(turn, words, at - turn.at)] for words in split]  # fmt: skip
    told = _languages(found)
    return far + [
        [_sentence(*one, language) for one in zip(plain, split, clauses, found, strict=True)]
        for language in told
    ]


def _stands(turn: Turn, words: list[str], start: int) -> bool:
    if len(turn.words) == 1:
        return True
    if start < 0 or start + len(turn.words) > len(words):
        return False
    return all(
        is_there == wanted or ("*" in wanted and _fits(is_there, wanted))
        for wanted, is_there in zip(turn.words, words[start : start + len(turn.words)], strict=True)
    )


def _fits(word: str, wanted: str) -> bool:
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word.endswith(wanted[1:])


def _languages(found: list[list[tuple[Turn, int]]]) -> list[int]:
    """The languages most words belong to; all of them if they share."""
    covered: dict[int, set[tuple[int, int]]] = {}
    for number, some in enumerate(found):
        for turn, start in some:
            covered.setdefault(turn.language, set()).update(
                (number, at) for at in range(start, start + len(turn.words))
            )
    most = max(map(len, covered.values()), default=0)
    return [language for language, words in covered.items() if len(words) == most]


def _sentence(
    plain: str, words: list[str], clauses: list[int], found: Iterable[tuple[Turn, int]], language: int
) -> Read:
    reading = Read(words, clauses, _addressed(plain))
    for turn, start in found:
        if turn.language == language:
            reading.filled.setdefault(turn.slot, []).append((start, start + len(turn.words)))
    return reading


def _far(sentences: list[str], language: dict[str, tuple[str, ...]]) -> list[Read]:
    """The same where no word can be told: what stands anywhere. [] if nothing of this language does."""
    readings = []
    for one in sentences:
        reading = Read([], [], _addressed(one))
        if _UNSPACED.search(one):
            found = {slot: list(filter(one.__contains__, phrases)) for slot, phrases in language.items()}
            longer = [phrase for slot, some in found.items() if slot != "here" for phrase in some]
            found["here"] = [phrase for phrase in found["here"] if not any(phrase in one for one in longer)]
            reading.filled.update((slot, [(0, 0)]) for slot, some in found.items() if some)
        readings.append(reading)
    return readings if any(one.has(*STATES, "here") for one in readings) else []


def _addressed(sentence: str) -> dict[str, list[tuple[int, int]]]:
    """A mail address says whom to write to."""
    return {"call": [(0, 0)]} if "@" in sentence else {}
