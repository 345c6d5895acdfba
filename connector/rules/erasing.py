"""Erasing: what is kept of somebody whose data shall not be kept.

That a message came in at an instant, how long it was, and a score stay, so that every clock and PX can still
be followed. Names, addresses, texts and comments go. Whom it is about is known by keyed marks only, so that
the same facts, read from the PSA again, are made nameless again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from connector.model import Actor, Event, Message, Rating, Ticket
from connector.rules.ratednotes import PREFIX as FROM_NOTES

ERASED = "[erased]"
"""Stands where a text was."""

_SOMEBODY = "erased:"
_WORD = re.compile(r"[\w@+.'’-]+")
_QUOTED = re.compile(r"“([^”]*)”?")


def words_of(text: str) -> list[str]:
    """The words by which a name or an address is found again, whatever stands between them."""
    return [word for _, _, word in _words(text)]


@dataclass(frozen=True, slots=True)
class Eraser:
    """Made from the marks of one connection. `lengths`: of how many words the marked names are."""

    key: bytes
    marks: frozenset[str]
    lengths: tuple[int, ...] = ()

    def mark_of_id(self, id: str) -> str:
        return self._mark(f"id {id.strip().casefold()}")

    def mark_of_words(self, words: list[str]) -> str:
        return self._mark(f"words {' '.join(words)}")

    def knows(self, id: str) -> bool:
        """Whether this contact's data is not kept; a contact who was made nameless before is known, too."""
        return bool(id) and (id.startswith(_SOMEBODY) or self.mark_of_id(id) in self.marks)

    def told_of(self, text: str) -> bool:
        """Whether one of the words is the number or address of somebody whose data is not kept."""
        return any(self.knows(word) for _, _, word in _words(text))

    def nameless(self, id: str) -> str:
        """The id under which an erased contact goes on: always the same, so that answers can be counted."""
        if not self.knows(id) or id.startswith(_SOMEBODY):
            return id
        return _SOMEBODY + self.mark_of_id(id)[:12]

    def text(self, text: str) -> str:
        """Without the marked names and addresses."""
        if not text or not self.lengths:
            return text
        found, parts, last, place = list(_words(text)), [], 0, 0
        while place < len(found):
            number = self._named(found, place)
            if number:
                parts += [text[last : found[place][0]], ERASED]
                last = found[place + number - 1][1]
            place += number or 1
        return "".join([*parts, text[last:]])

    def ticket(self, ticket: Ticket) -> Ticket:
        if not self.knows(ticket.contact):
            return replace(ticket, summary=self.text(ticket.summary))
        summary = ERASED if ticket.summary else ""
        return replace(ticket, contact=self.nameless(ticket.contact), summary=summary)

    def event(self, event: Event, *, whole: bool) -> Event:
        """`whole`: it is on a ticket of the person, where every text is about them."""
        actor = self._actor(event.actor, whole=whole)
        own = whole or actor.id.startswith(_SOMEBODY)
        match event:
            case Message():
                return self._message(replace(event, actor=actor), own)
            case Rating() if own:
                comment = ERASED if event.comment else ""
                return replace(event, actor=actor, comment=comment, key=lasting(event.key))
            case Rating():
                return replace(event, actor=actor, comment=self.text(event.comment))
        return replace(event, actor=actor)

    def flags(self, flags: Mapping[Any, str], *, whole: bool) -> dict[Any, str]:
        return {flag: self.prose(value, whole=whole) for flag, value in flags.items()}

    def prose(self, text: str, *, whole: bool) -> str:
        """What we wrote ourselves; `whole`: about a ticket of the person, so that nothing stays quoted."""
        return self.text(without_quotes(text, lambda quoted: True) if whole else text)

    def _actor(self, actor: Actor, *, whole: bool) -> Actor:
        if actor.kind not in ("contact", "unknown"):
            return actor
        if self.knows(actor.id):
            return replace(actor, id=self.nameless(actor.id), name="")
        theirs = whole and actor.kind == "contact" and not actor.id
        return replace(actor, id=self.text(actor.id), name="" if theirs else self.text(actor.name))

    def _message(self, message: Message, own: bool) -> Message:
        if own and message.text:
            message = replace(message, text=None, chars=len(message.text))
        if own:
            return replace(message, subject="", headers={})
        return replace(
            message,
            subject=self.text(message.subject),
            text=None if message.text is None else self.text(message.text),
            headers={name: self.text(value) for name, value in message.headers.items()},
        )

    def _named(self, found: list[tuple[int, int, str]], place: int) -> int:
        for number in self.lengths:
            window = [word for _, _, word in found[place : place + number]]
            if len(window) == number and self.mark_of_words(window) in self.marks:
                return number
        return 0

    def _mark(self, text: str) -> str:
        return blake2b(text.encode("utf-8", "surrogatepass"), key=self.key, digest_size=16).hexdigest()


def lasting(key: str) -> str:
    """The key of a rating whose note is erased: as one of its own, or it would go with the note's words."""
    return _SOMEBODY + key if key.startswith(FROM_NOTES) else key


def without_quotes(text: str, goes: Callable[[str], bool]) -> str:
    """A text of ours without what it quotes, as far as that `goes`."""

    def left(match: re.Match[str]) -> str:
        return f"“{ERASED}”" if goes(match.group(1).rstrip("…")) else match.group()

    return _QUOTED.sub(left, text)


def _words(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _WORD.finditer(text):
        word = match.group().strip(".'’-")
        if word:
            start = match.start() + match.group().index(word)
            yield start, start + len(word), word.casefold()
