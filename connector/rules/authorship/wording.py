"""A client's own templates: texts described by literal words, with `*` for whatever stands between.

No regular expressions from users: words are sought one after the other, so a search takes at most the
length of the pattern times that of the text, whatever is in them.
"""

from __future__ import annotations

from collections.abc import Iterable

from connector.rules.authorship.patterns import COURTESY
from connector.rules.authorship.sentences import sentences
from connector.rules.authorship.words import fold
from connector.rules.policy import ClientTemplate

LEFT = 10  # words beside a template's that say something else
_AROUND = 5  # words of a sentence beside its phrase that say nothing yet
_UNSPACED = "\u2e80"  # from here on: scripts that write no spaces, where a word may begin anywhere
_KEEP = "*"
_SPACED = {ord(mark): " " for mark in "!\"#$%&()+,-./:;<=>?@[\\]^_`{|}~–—“”„…¿¡«»，、：；！？（）'"}


def plain(text: str) -> str:
    """Text as templates are compared: folded, marks as spaces, single spaces."""
    return " ".join(fold(text).translate(_SPACED).split())


def pieces(pattern: str) -> tuple[str, ...]:
    """The words a pattern asks for, in their order, parted where it has a `*`; empty if it asks for none."""
    return tuple(piece for one in pattern.split(_KEEP) if (piece := plain(one)))


def named(own: str, templates: Iterable[ClientTemplate]) -> tuple[ClientTemplate, str] | None:
    """The first template that describes a message's own words, and the sentence that does."""
    said: list[tuple[str, str]] | None = None
    for template in templates:
        if said is None:
            said = [(raw, low) for raw in sentences(own) if (low := plain(raw))]
        found = _described(said, template)
        if found:
            return template, found
    return None


def _described(said: list[tuple[str, str]], template: ClientTemplate) -> str:
    """The first sentence that does, '' if none or if too little or too much is said."""
    first, words, left = "", 0, 0
    for raw, low in said:
        length = low.count(" ") + 1
        words += length
        spent = max((_spent(low, one) for one in template.match), default=0)
        first = first or (raw if spent else "")
        if spent:
            left += max(0, length - spent - _AROUND)
        elif not COURTESY.search(low):
            left += length
    enough = words >= template.min_words and (template.content == "specific" or left <= LEFT)
    return first if enough else ""


def _spent(low: str, pattern: tuple[str, ...]) -> int:
    """Words of a sentence from a pattern's first word to its last, 0 if it is not there."""
    begin = at = -1
    for piece in pattern:
        at = _word(low, piece, max(at, 0))
        if at < 0:
            return 0
        begin = at if begin < 0 else begin
        at += len(piece)
    return low.count(" ", begin, at) + 1 if pattern else 0


def _word(low: str, piece: str, start: int) -> int:
    """Where a piece stands as whole words from `start` on, -1 if nowhere."""
    at = low.find(piece, start)
    while at >= 0:
        end = at + len(piece)
        if _edge(low, at - 1, piece[0]) and _edge(low, end, piece[-1]):
            return at
        at = low.find(piece, at + 1)
    return -1


def _edge(low: str, at: int, inner: str) -> bool:
    return inner >= _UNSPACED or not 0 <= at < len(low) or low[at] == " "
