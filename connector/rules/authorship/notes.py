"""Is a text, read in slots, an absence note? Who is away, what stands around it, and who is there after all.

One reading is a text in one language (`slots.read`): its sentences, each with its filled slots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from connector.rules.authorship import abroad, away
from connector.rules.authorship.slots import Read
from connector.rules.authorship.words import fold

Reading = list[Read]
_STATING = ("away", "alone", "gone", "limited", "unread", "call", "back", "later", "closed")
_CLAUSE = 4  # words from which a clause says something
_FRAMES = ("when", "call", "later", "limited", "back")
_REQUEST_OF_A_NOTE = ("call", "limited", "later", "unread", "note")
_NEAR_BEFORE, _NEAR_AFTER = 8, 4  # words around an absence in which its person is looked for
_JUST_BEFORE = 3  # words before it in which "after" makes it one that is over
_SHORT = 2  # sentences of a text that only says when somebody is back
_SPARE = 2  # words beside that
_SMALL = 3  # letters of words that tell no time of themselves
_CASES = frozenset(map(fold, abroad.CASES)) | {
    "case",
    "chat",
    "issue",
    "request",
    "saken",
    "sagen",
    "tickets",
}
"""What desks come back to, and close."""


def somebody_is_there(reading: Reading, courteous: Callable[[int], bool]) -> bool:
    """Whether somebody asks for something, needs something or has done something, and so is not away.

    `courteous` tells whether the sentence of a number is a mere courtesy.
    """
    for number, one in enumerate(reading):
        asks = one.has("please") and not one.has(*_REQUEST_OF_A_NOTE)
        if (asks or any(_by_itself(one, *span) for span in one.filled.get("here", ()))) and not courteous(
            number
        ):
            return True
    return False


def _by_itself(one: Read, first: int, after: int) -> bool:
    """Whether a turn is no part of a longer one: `limited access` asks for no access."""
    return not any(
        start <= first and after <= end and end - start > after - first
        for slot in _STATING
        for start, end in one.filled.get(slot, ())
    )


def statement(reading: Reading, hinted: bool, framed: bool) -> int:
    """The number of the sentence that states an absence which something frames, -1 if none does.

    `hinted`: a machine's envelope speaks of one. `framed`: the text holds a day or a date.
    """
    redirected = any(one.has("call") for one in reading)
    framed = framed or any(one.has(*_FRAMES) for one in reading)
    for number, one in enumerate(reading):
        if (redirected or hinted) and _over(one):
            return number
        known = redirected or hinted or any(earlier.has("title") for earlier in reading[:number])
        if framed and any(_person_away(one, known or one.has("limited"))):
            return number
        if (framed or one.has("self")) and _closed(one):
            return number
        if one.has("limited") and one.has("self", "title") and framed:
            return number
    return max(_only_back(reading), _covered_for(reading))


def _over(one: Read) -> bool:
    """Somebody has left for good, or a mailbox is read no more."""
    spans = one.filled.get("gone", []) + one.filled.get("unread", [])
    return not one.has("others") and any(not one.before(first, "after") for first, _ in spans)


def _person_away(one: Read, known: bool) -> Iterator[bool]:
    for slot in ("alone", "away"):
        for first, after in one.filled.get(slot, ()):
            if not _is_now(one, first, after) or one.before(first, "others"):
                continue
            yield (
                slot == "alone"
                or not one.words
                or one.before(after + _NEAR_AFTER, "self", since=first - _NEAR_BEFORE)
                or one.before(first, "title", "office")
                or _opens(one, first)
                or known
            )


def _is_now(one: Read, first: int, after: int) -> bool:
    """Neither over ("after my leave", "I was ill") nor of any time ("when I am away")."""
    if not one.words:
        return True
    if one.before(first, "back", since=first - _JUST_BEFORE) and not one.has("when", "later", "call"):
        return False
    near = one.words[max(0, first - _NEAR_BEFORE) : after + _NEAR_AFTER]
    return away.WAS.isdisjoint(near) and not one.before(first, "after", since=first - _JUST_BEFORE)


def _opens(one: Read, first: int) -> bool:
    """Whether a sentence begins with what is away: no verb before it, small words at most."""
    return all(len(word) < 3 or word in away.NOW or word in away.DAYS for word in one.words[:first])


def _closed(one: Read) -> bool:
    if one.has("after", "others") or not _CASES.isdisjoint(one.words):
        return False
    return one.has("closed") and (one.has("office") or not one.words)


def foreign(reading: Reading) -> int:
    """How many words stand in clauses that no note has: longer ones, of which no slot is filled."""
    return sum(map(_foreign, reading))


def _foreign(one: Read) -> int:
    said = _words(one, (*_STATING, "note", "mail"))
    times = _words(one, ("when",))
    words = 0
    for begin, end in pairwise(one.clauses):
        clause = set(range(begin, end))
        left = len(clause - times)
        if said.isdisjoint(clause) and left >= (_CLAUSE if left == len(clause) else _CLAUSE + 1):
            words += left
    return words


def _words(one: Read, slots: tuple[str, ...]) -> set[int]:
    """The places of the words that fill some slots."""
    return {at for slot in slots for span in one.filled.get(slot, ()) for at in range(*span)}


def belongs(one: Read) -> bool:
    """Whether a sentence is part of a note: it fills a slot only notes have."""
    return one.has(*_STATING)


def _covered_for(reading: Reading) -> int:
    """Who will be back or reading then and says who helps meanwhile is away, for whatever reason."""
    if not any(one.has("call") for one in reading) or not all(
        _CASES.isdisjoint(one.words) for one in reading
    ):
        return -1
    then = (at for at, one in enumerate(reading) if one.has("back") and one.has("when") and one.has("self"))
    return next(then, -1)


def _only_back(reading: Reading) -> int:
    """A text that says no more than when its writer is back."""
    if len(reading) > _SHORT:
        return -1
    for number, one in enumerate(reading):
        if not one.has("back") or one.has("others", "after"):
            continue
        if not one.words and one.has("when"):
            return number
        times = {one.words[at] for at in _words(one, ("when",))}
        timed = any(len(word) > _SMALL for word in times) or any(map(str.isdigit, one.words))
        spare = len(one.words) - len(_words(one, tuple(one.filled)))
        if timed and spare <= _SPARE:
            for first, _ in one.filled.get("back", ()):
                if _opens(one, first) or one.before(first, "self", "when"):
                    return number
    return -1
