"""What a message says, as far as words can tell: absence, acknowledgement, chaser, bounce, robot.

The same words are typed by people and sent by robots, so nothing here decides who caused a message. A
phrase makes a message boilerplate only if little else is said: what is left beside it is counted.
Words gate every pattern of `patterns`, so a plain answer costs little more than splitting it in words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from connector.model import Evidence
from connector.rules.authorship import absence, patterns, substance, words
from connector.rules.authorship.sentences import sentences
from connector.rules.authorship.words import fold

_PUNCTUATION = dict.fromkeys(map(ord, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~–—“”„…¿¡«»"), " ")
_SPAN = 80
_BOILERPLATE_LEFT = 5
_ROBOT_LEFT = 4  # beside a robot's word about itself: it may stand below what somebody said
_AROUND = 5  # words of a sentence beside its phrase that say nothing yet
_RESIDUE_LEFT = 60
_MOST = 8000  # characters: what is longer has something to say

_CLAUSE = re.compile(
    r"[,;:] | [–—-] |(?: and | und | et | y | e | en | och | og )(?=(?:i|I|ich|je|j'|ik|jag|jeg)\b)"
)

_SELF = re.compile(
    r"(?:^|[\s(\"'])(?:I|I'm|I've|I'd|I'll|my|My|ich|Ich|je|Je|j'ai|yo|io|eu|ik|Ik|jag|Jag|jeg|Jeg|я|Я)"
    r"(?=[\s,.'’])"
)
_SEMITIC = re.compile("[\u0590-\u06ff]")  # scripts whose small words are written into the next one
_UNSPACED = re.compile("[\u2e80-\uffff]")  # scripts without spaces between words: no word to gate by
_FIELD = re.compile(r"\s{0,8}[\w /#()-]{2,24}: {0,20}\S")


@dataclass(frozen=True, slots=True)
class Said:
    """What the words of a message amount to; each is evidence, or None."""

    absence: Evidence | None = None
    bounce: Evidence | None = None
    boilerplate: Evidence | None = None
    robot: Evidence | None = None


NOTHING = Said()
_Found = dict[patterns.Family, list[str]]


def read(own: str, *, hinted: bool = False) -> Said:
    """Read unwrapped text. `hinted`: the envelope already spoke of absence, or of an automatic answer."""
    whole = fold(own)
    split = whole.translate(_PUNCTUATION).split()
    tokens = frozenset(split)
    unspaced = not whole.isascii() and _UNSPACED.search(whole) is not None
    words_here = patterns.ANCHOR_WORDS & tokens
    found = _families(whole, words_here | patterns.UNSPACED_ANCHORS if unspaced else words_here)
    here = found.pop(patterns.ABSENCE, None)
    joined = unspaced or (not whole.isascii() and _SEMITIC.search(whole) is not None)
    away = here or joined or hinted or absence.worth(tokens, split)
    bounced = unspaced or not patterns.BOUNCE_WORDS.isdisjoint(tokens)
    residue = "{" in whole or "%" in whole or "[" in whole
    if not (found or away or bounced or residue):
        return NOTHING
    told = [(one, low) for one in sentences(own[:_MOST]) if (low := fold(one).strip())]
    boilerplate = robot = None
    stock = False
    if found or residue:
        stock, boilerplate, robot = _boilerplate(told, found, whole[:_MOST] if residue else "")
    long = len(own) > _MOST
    statement = ""
    if away and (hinted or not long):
        folded = [low for _, low in told]
        statement = absence.said(whole[:_MOST], folded, hinted)
        if hinted and not (statement or stock):
            statement = absence.answered(whole[:_MOST], folded)
    return Said(
        _evidence("phrase.absence", statement) if statement else None,
        _bounce(whole) if bounced else None,
        None if long else boilerplate,
        robot,
    )


def _families(low: str, candidates: frozenset[str]) -> _Found:
    """The families worth searching, each with the anchors of theirs that stand in the text."""
    found: _Found = {}
    for word in candidates:
        for anchor, family in patterns.ANCHORS[word]:
            if anchor in low:
                found.setdefault(family, []).append(anchor)
    return found


def _evidence(rule: str, text: str) -> Evidence:
    return Evidence(rule, "text", text.strip()[:_SPAN])


def _bounce(low: str) -> Evidence | None:
    """A mail system's words, or its status code beside an address."""
    head = low[:3000]
    for phrase in words.BOUNCE_TEXT:
        if phrase in head:
            return _evidence("phrase.bounce", phrase)
    code = patterns.STATUS_CODE.search(head) if "@" in head else None
    return _evidence("phrase.status_code", code.group()) if code else None


def _boilerplate(
    told: list[tuple[str, str]], found: _Found, residue_in: str
) -> tuple[bool, Evidence | None, Evidence | None]:
    """Whether there is a stock phrase, the one that makes it boilerplate, if little is left beside it, and a
    robot's word about itself.

    `told`: the sentences as written and folded. One with a phrase in it is judged clause by clause.
    """
    residue = patterns.RESIDUE.search(residue_in) if residue_in else None
    each = [_hits(low, found) for _, low in told]
    flat = [hit for some in each for hit in some]
    if not flat and residue is None:
        return False, None, None
    robot = next((_evidence(*hit) for hit in flat if hit[0] == "phrase.robot"), None)
    rest = [
        (raw, _left(low, _hits(low, found) if some else []))
        for (whole, as_whole), some in zip(told, each, strict=True)
        for raw, low in (_clauses(whole) if some else [(whole, as_whole)])
        if some or not patterns.COURTESY.search(low)
    ]
    left = sum(words for _, words in rest)
    if residue and left <= _RESIDUE_LEFT:
        return True, _evidence("phrase.residue", residue.group()), robot
    stock = next((hit for hit in flat if hit[0] != "phrase.robot"), None)
    if not flat or left > (_BOILERPLATE_LEFT if stock else _ROBOT_LEFT):
        return stock is not None, None, robot
    if any(substance.said(raw) for raw, _ in rest):
        return stock is not None, None, robot
    return stock is not None, _evidence(*(stock or flat[0])), robot


def _clauses(raw: str) -> list[tuple[str, str]]:
    """The clauses of a sentence, as written and folded; single words between commas say nothing."""
    return [(one, low) for one in _CLAUSE.split(raw) if " " in (low := fold(one).strip())] or [
        (raw, fold(raw))
    ]


def _hits(sentence: str, found: _Found) -> list[tuple[str, str]]:
    hits = []
    for family, anchors in found.items():
        for anchor in anchors:
            if anchor in sentence:
                if match := family.pattern.search(sentence):
                    hits.append((family.rule, match.group()))
                break
    return sorted(hits)


def _left(sentence: str, hits: list[tuple[str, str]]) -> int:
    """Words of a sentence that say something beside its phrases."""
    if patterns.COURTESY.search(sentence):
        return 0
    around = sum(_words(text) for _, text in hits) + _AROUND if hits else 0
    return max(0, _words(sentence) - around)


def _words(text: str) -> int:
    """How many words it has; in scripts without spaces three or four signs make one."""
    spaced = text.count(" ") + 1
    return spaced if text.isascii() else spaced + len(_UNSPACED.findall(text)) * 2 // 7


def is_greeting(own: str) -> bool:
    """Whether a text greets and says no more."""
    return len(own) < 80 and patterns.GREETING.match(own) is not None


def is_conversation(own: str) -> bool:
    """Whether a text speaks as a person does: of itself, or asking."""
    return "?" in own or _SELF.search(own) is not None


def is_asking(own: str) -> bool:
    """Whether somebody tells what happened to them, or asks: a mail system says `I`, but never of this."""
    return "?" in own or patterns.ASKING.search(fold(own[:4000])) is not None


def is_report(own: str) -> bool:
    """Whether a text opens like a machine's report: lines of `name: value`, or a table of changes."""
    lines = [line for line in own[:4000].split("\n") if line.strip()][:12]
    fields = sum(1 for line in lines if _FIELD.match(line))
    table = sum("|" in line for line in lines)
    return table >= 2 or (fields >= 2 and fields * 5 >= len(lines) * 2)
