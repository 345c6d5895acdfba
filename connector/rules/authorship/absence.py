"""Is a text an absence note? What it states, what frames that, and what a person present would say.

A note states an absence, says until when or whom to ask instead, and little else. It does not ask, does
not report work, and does not announce: "next week" is counted from the day of writing, which a text that
answers by itself does not know. With an envelope that speaks of absence or of an automatic answer
(`hinted`) the statement alone is enough.
"""

from __future__ import annotations

import re
from functools import partial

from connector.rules.authorship import abroad, away, notes, patterns, slots
from connector.rules.authorship import awayenglish as english
from connector.rules.authorship.kept import kept

LEFT = 25  # words beside an absence that make it a message with something to say
_LEFT_ABROAD = 14
_FOREIGN, _FOREIGN_ABROAD = 8, 4  # words of clauses that fill no slot of a note
_BEFORE, _AFTER = 45, 20
_MOST_ANSWERED = 40
_DESK = frozenset((
    "we", "our", "us", "ticket", "tickets", "case", "request", "desk", "service", "survey", "rate", "sla",
    "wir",
    "unser", "unsere", "nous", "notre", "nos", "nuestro", "nuestra", "noi", "nostro", "nosso", "wij",
    "ons", "onze",
    "vår", "vores", "nasz", "наш", "мы",
))  # fmt: skip
"""Who speaks for a desk acknowledges; nobody is away."""
_MOST_WORDS_ASKED = 4  # "Urgent?" asks nothing
_AWAY = away.by_word(away.AWAY)
_FRAME = away.by_word(away.FRAME)
_GONE = away.by_word(away.LEFT)
_TRIGGERS = frozenset(_AWAY) | frozenset(_GONE) | away.CLOSED
_DAYS = away.DAYS | away.SOON
_ME = away.ME | away.I_AM
_WORD = re.compile(r"\w+")
_DATE = re.compile(
    r"(?:week|woche|kw|vecka|uge|uke|viikon|semaine|semana|tydzień|týden) \d"
    r"|\d{1,2}[月日号]|\d{1,2} ?[./] ?\d{1,2}|\d{1,2}(?:\.|er|º|[snrt][tdh])? (?:de "
    r"|of )?[^\W\d]{3,12}"
)
_ASKED = re.compile("[?？؟]")
_SENTENCE_END = re.compile(r"[.!\n]")


def worth(tokens: frozenset[str], split: list[str]) -> bool:
    """Whether a folded text may state an absence. `split`: its words as they follow, `tokens`: the same."""
    if "the" not in tokens and (not _TRIGGERS.isdisjoint(tokens) or any(map(_may_begin, tokens))):
        return True
    return slots.may_state(tokens, split)


@kept(most=8192)
def _may_begin(token: str) -> bool:
    return token.startswith(away.STEMS) or token.endswith(away.STEM_ENDS)


def said(low: str, sentences: list[str], hinted: bool) -> str:
    """The folded sentence that states an absence, '' if the text is no absence note. `low`: all of it."""
    if not _quiet(low, sentences, hinted):
        return ""
    readings = slots.read(sentences)
    statement, most = _told(low, sentences, hinted)
    if not statement:
        statement, most = _slotted(low, sentences, readings, hinted), _LEFT_ABROAD
    if not statement or _left(sentences, readings) > most:
        return ""
    if hinted:
        return statement
    foreign = _FOREIGN if english.STATEMENT.search(statement) else _FOREIGN_ABROAD
    there = any(notes.somebody_is_there(one, partial(_courteous, sentences)) for one in readings)
    return "" if there or min(map(notes.foreign, readings), default=0) > foreign else statement


def _courteous(sentences: list[str], at: int) -> bool:
    return patterns.COURTESY.search(sentences[at]) is not None


def _slotted(low: str, sentences: list[str], readings: list[notes.Reading], hinted: bool) -> str:
    """The sentence that states an absence by its slots, '' if none does."""
    framed = hinted or _framed(low)
    for reading in readings:
        at = notes.statement(reading, hinted, framed)
        if at < 0:
            continue
        trouble = not reading[at].has("closed", "limited") and _in_trouble(low)
        covered = any(one.has("call", "back") for one in reading)
        if hinted or not (trouble or _announces(low, sentences[at], covered)):
            return sentences[at]
    return ""


def _told(low: str, sentences: list[str], hinted: bool) -> tuple[str, int]:
    """The statement, where something frames it, and how many words may stand beside it."""
    if gone := _gone(low, sentences):
        return gone, LEFT
    statement = next(filter(english.STATEMENT.search, sentences), "")
    if not statement and hinted:
        statement = next(filter(english.AWAY_AT_ALL.search, sentences), "")
    if statement:
        return (statement if hinted or english.MARKER.search(low) else ""), LEFT
    statement = next((one for one in sentences if _states(one, hinted)), "")
    if hinted or not statement:
        return statement, LEFT
    there = not _framed(low) or _in_trouble(low) or _announces(low, statement)
    return ("" if there else statement), _LEFT_ABROAD


def answered(low: str, sentences: list[str]) -> str:
    """A short answer a machine gave of itself that tells a time or whom to ask, and no more."""
    words = frozenset(_WORD.findall(low))
    if low.count(" ") > _MOST_ANSWERED or not (words.isdisjoint(_DESK) and words.isdisjoint(abroad.CASES)):
        return ""
    if not _quiet(low, sentences, True) or _left(sentences, []) > LEFT:
        return ""
    return next((one for one in sentences if english.MARKER.search(one) or _framed(one)), "")


def _quiet(low: str, sentences: list[str], hinted: bool) -> bool:
    """Nobody speaks who is there: no work done or asked for, no question, no word on the setting itself."""
    if english.ABOUT.search(low) or any(map(english.WORKING.search, sentences)):
        return False
    if hinted:
        return True
    asked = (_SENTENCE_END.split(one)[-1].strip() for one in _ASKED.split(low)[:-1])
    return all(one.count(" ") < _MOST_WORDS_ASKED for one in asked)


def _states(sentence: str, hinted: bool) -> bool:
    """Somebody is away, of themselves; or the office is closed."""
    if not sentence.isascii() and any(phrase in sentence for phrase in away.UNSPACED):
        return True
    words = _WORD.findall(sentence)
    there = frozenset(words)
    for word in there & _AWAY.keys():
        for phrase in _AWAY[word]:
            at = away.holds(sentence, phrase)
            alone = hinted or phrase in away.BY_ITSELF or (at >= 0 and _without_verb(sentence[:at].split()))
            if at >= 0 and (alone or _of_oneself(sentence, at, phrase)):
                return True
    if not (there.isdisjoint(away.OFFICE) or there.isdisjoint(away.CLOSED)) and there.isdisjoint(
        abroad.CASES
    ):
        return True
    return any(
        (hinted or _without_verb(words[:at]) or _in_first_person(sentence, sentence.find(word)))
        for at, word in enumerate(words)
        if _may_begin(word)
    )


def _without_verb(before: list[str]) -> bool:
    """Whether a statement only consists of what is away: small words stand before it, if any."""
    return len(before) < 4 and all(len(word) < 3 or word in away.NOW for word in before)


def _in_first_person(sentence: str, at: int) -> bool:
    """Whether the clause around a word speaks of the writer, and of now."""
    begin = sentence.rfind(",", 0, at) + 1
    end = sentence.find(",", at)
    near = sentence[max(begin, at - 80) : end if 0 <= end < at + 80 else at + 80]
    return not _ME.isdisjoint(_WORD.findall(near)) and _is_now(sentence[max(begin, at - 80) : at], near)


def _is_now(before: str, near: str) -> bool:
    """Neither over (`war`, `aus dem`: somebody is back) nor of any time (`wenn` before it)."""
    return (
        away.WHEN.isdisjoint(_WORD.findall(before))
        and away.WAS.isdisjoint(_WORD.findall(near))
        and not before.rstrip().endswith(away.OUT_OF)
    )


def _gone(low: str, sentences: list[str]) -> str:
    """The sentence that says somebody left for good, where the writer of a mail is sent on to others."""
    words = frozenset(_WORD.findall(low))
    found = (phrase for word in words & _GONE.keys() for phrase in _GONE[word])
    phrases = [phrase for phrase in found if away.holds(low, phrase) >= 0]
    if not phrases and not any(mark in low for mark in ("no longer", "has left", "retired")):
        return ""
    if not words.isdisjoint(away.OFFBOARDING):
        return ""
    if "@" not in low and not (
        english.REDIRECT.search(low) or any(away.holds(low, phrase) >= 0 for phrase in away.REDIRECT)
    ):
        return ""
    told = (one for one in sentences if any(map(one.__contains__, phrases)) or english.LEFT.search(one))
    return next(told, "")


def _of_oneself(sentence: str, at: int, phrase: str) -> bool:
    before = sentence[max(0, at - _BEFORE) : at].rpartition(",")[2]
    near = before + sentence[at : at + len(phrase) + _AFTER]
    return away.first_person(near) and _is_now(before, near)


def _framed(low: str) -> bool:
    words = frozenset(_WORD.findall(low))
    return (
        any(away.holds(low, phrase) >= 0 for word in words & _FRAME.keys() for phrase in _FRAME[word])
        or (not low.isascii() and any(phrase in low for phrase in away.FRAME_UNSPACED))
        or not words.isdisjoint(_DAYS)
        or _DATE.search(low) is not None
    )


def _in_trouble(low: str) -> bool:
    """Something does not work, and somebody is there to say so."""
    if any(away.holds(low, phrase) >= 0 for phrase in away.TROUBLE):
        return True
    return not low.isascii() and any(phrase in low for phrase in away.TROUBLE_UNSPACED)


def _announces(low: str, statement: str, covered: bool = False) -> bool:
    """A person tells when they will be away, or what is to be done before. `covered`: but a note that says
    when its writer is back, or whom to ask instead, may count from the day of its writing."""
    if any(away.holds(low, phrase) >= 0 for phrase in away.FIRST):
        return not any(phrase in low for phrase in away.NOT_BEFORE)
    if covered:
        return False
    if not low.isascii() and any(phrase in low for phrase in away.THEN_UNSPACED):
        return True
    return any(0 <= away.holds(statement, phrase) < _away_at(statement) for phrase in away.THEN)


def _away_at(statement: str) -> int:
    """Where the last word of being away stands in a statement."""
    found = [away.holds(statement, phrase) for phrase in away.AWAY]
    every = _WORD.finditer(statement)
    stems = [word.start() for word in every if word[0] in away.CLOSED or _may_begin(word[0])]
    return max([*found, *stems], default=-1)


def _left(sentences: list[str], readings: list[notes.Reading]) -> int:
    """Words of the sentences that belong to no absence."""
    return sum(
        one.count(" ") + 1
        for at, one in enumerate(sentences)
        if not any(notes.belongs(reading[at]) for reading in readings) and not _belongs(one)
    )


def _belongs(sentence: str) -> bool:
    return bool(
        english.STATEMENT.search(sentence)
        or english.LEFT.search(sentence)
        or english.REDIRECT.search(sentence)
        or english.MARKER.search(sentence)
        or patterns.COURTESY.search(sentence)
        or _states(sentence, hinted=True)
        or _framed(sentence)
    )
