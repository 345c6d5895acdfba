"""A person's ruling: who has looked and says so. It stands above every rule but our own posts.

A ruling is about an author, about texts like one they sent, or about both. A ruling on one text is more
particular than one on all an author writes and goes first; among equals the latest stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from connector.model import Actor, Cause, Evidence, Message
from connector.rules.authorship.templates import author_of, lines_of, mark_of

LIKE = 0.6  # of the characters: from here on a text is like the one that was ruled on

RuledContent = Literal["boilerplate", "specific"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What `by` said at `at`, and why. `author` is as in `author_of`. `lines` are the marks of the text it
    is about (see `marks`); empty: all that the author writes. At least one of cause and content is set:
    `specific` says of a text that it is no template."""

    author: str
    lines: frozenset[str] = frozenset()
    cause: Cause | None = None
    content: RuledContent | None = None
    by: str
    at: datetime
    why: str = ""

    def evidence(self, message: Message) -> Evidence:
        """Who said so, and when, and why."""
        told = f"{self.by}, {self.at:%Y-%m-%d}" + (f": {self.why}" if self.why else "")
        if self.lines:
            return Evidence("ruling.text", "text", told)
        return Evidence("ruling.author", "actor.id" if message.actor.id else "actor.name", told)


@dataclass(frozen=True, slots=True)
class Ruled:
    """The rulings that decide about a message, if any."""

    cause: Ruling | None = None
    content: Ruling | None = None


UNRULED = Ruled()


def marks(own: str) -> frozenset[str]:
    """What a text is known by: its sentences, and the whole of it, however short."""
    found = lines_of(own)
    return frozenset({line.mark for line in found if line.mark} | {_whole(own)})


def ruled(message: Message, own: str, rulings: Iterable[Ruling]) -> Ruled:
    """What people have said about this author or such a text. `own`: the message's unwrapped words."""
    author = author_of(message.actor)
    about = [one for one in rulings if one.author == author and (not one.lines or _like(own, one.lines))]
    if not about:
        return UNRULED
    about.sort(key=lambda one: (bool(one.lines), one.at), reverse=True)
    return Ruled(
        next((one for one in about if one.cause), None), next((one for one in about if one.content), None)
    )


def of_author(actor: Actor, rulings: Iterable[Ruling]) -> Cause | None:
    """What people have said about all that an author does, the latest; None if nothing."""
    author = author_of(actor)
    said = [one for one in rulings if one.cause and not one.lines and one.author == author]
    return max(said, key=lambda one: one.at).cause if said else None


def _like(own: str, known: frozenset[str]) -> bool:
    found = lines_of(own)
    chars = sum(line.chars for line in found)
    same = sum(line.chars for line in found if line.mark in known)
    return (same > 0 and same >= LIKE * chars) or _whole(own) in known


def _whole(own: str) -> str:
    return mark_of("whole:" + " ".join(own.casefold().split()))
