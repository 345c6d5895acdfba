"""Is a reply no more than thanks? Such a reply must not reopen a ticket that was solved.

Strict on purpose: one word that is neither thanks, politeness nor a name, or a question mark, and it is
something to read.
"""

from __future__ import annotations

import re

from connector.rules.authorship.unwrap import unwrap
from connector.rules.authorship.words import FILLER, THANKS, fold

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_MOST_WORDS = 12
_MOST_CHARS = 400
_LONG = 20_000


def is_thanks(text: str | None) -> bool:
    """Whether a message says no more than thanks, ok, an emoji, or nothing at all; a question never."""
    if not text or len(text) > _LONG:
        return not text
    own = unwrap(text).own
    if len(own) > _MOST_CHARS or any(mark in own for mark in "?？؟"):
        return False
    tokens = _WORD.findall(own.replace("’", "'"))
    thanked = False
    for token in tokens:
        word = fold(token)
        if word in THANKS:
            thanked = True
        elif word not in FILLER and not _is_name(token):
            return False
    return len(tokens) <= _MOST_WORDS and (thanked or not tokens)


def _is_name(token: str) -> bool:
    return len(token) > 1 and token[0].isupper() and token[1:].islower()
