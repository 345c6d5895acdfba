"""Who sends stock texts, and how often: to be looked through once, when a desk begins.

A machine that writes in a person's name is the one thing no rule can see, and it always says the same. A
list of those who mostly repeat themselves, for a person to tick, finds it in minutes. It only asks:
people use templates, too, so nothing here decides a message.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connector.model import Actor, Cause, Event, Message
from connector.rules.authorship.origin import by_author, by_machines
from connector.rules.authorship.rulings import Ruling, of_author
from connector.rules.authorship.templates import Lines, Repeated, author_of, repeated
from connector.rules.authorship.unwrap import unwrap
from connector.rules.policy import ResponseRule

SHARE = 0.30
"""Of somebody's notes: above it one asks whether they are a person."""

ENOUGH = 10
"""Notes from which on a share says something."""


@dataclass(frozen=True, slots=True)
class Habit:
    """What one author sent to customers: `notes` with text, `stock` of them sent before on other tickets.

    `cause` is what they are taken for whatever they write, and `why` the rule that says so; `sample` the
    sentence that was on the most other tickets, None if there is none.
    """

    actor: Actor
    cause: Cause
    why: str
    notes: int
    stock: int
    sample: Repeated | None

    @property
    def share(self) -> float:
        return self.stock / self.notes

    @property
    def asks(self) -> bool:
        """Whether a person should say what this author is: much repeated, and nobody has said so yet."""
        unsaid = self.cause != "automated" and not self.why.startswith("ruling.")
        return unsaid and self.notes >= ENOUGH and self.share > SHARE


class Habits:
    """Counts ticket by ticket; holds a few numbers an author."""

    def __init__(self) -> None:
        self._actors: dict[str, Actor] = {}
        self._notes: dict[str, int] = {}
        self._stock: dict[str, int] = {}
        self._samples: dict[str, Repeated] = {}

    def add(self, ticket: str, timeline: Iterable[Event], lines: Lines) -> None:
        """The messages of one ticket. `lines`: what is known of their sentences."""
        for event in timeline:
            if not (isinstance(event, Message) and event.direction == "out" and event.text):
                continue
            author = author_of(event.actor)
            if not author or event.actor.kind == "contact" or "self" in event.actor.marks:
                continue
            self._actors[author] = event.actor
            self._notes[author] = self._notes.get(author, 0) + 1
            own = unwrap(event.text, relayed=bool(event.headers)).own
            same = repeated(event, own, ticket, lines)
            if same is None:
                continue
            self._stock[author] = self._stock.get(author, 0) + 1
            known = self._samples.get(author)
            if known is None or same.tickets > known.tickets:
                self._samples[author] = same

    def found(self, rulings: Sequence[Ruling], rules: Sequence[ResponseRule]) -> list[Habit]:
        """Everybody who wrote, those who repeat themselves the most first. `rules`: the clients' own."""
        habits = [
            Habit(
                actor,
                *standing(actor, rulings, rules),
                self._notes[author],
                self._stock.get(author, 0),
                self._samples.get(author),
            )
            for author, actor in self._actors.items()
        ]
        return sorted(habits, key=lambda one: (-one.share, -one.notes, author_of(one.actor)))


def standing(actor: Actor, rulings: Sequence[Ruling], rules: Sequence[ResponseRule]) -> tuple[Cause, str]:
    """What an author is taken for, and by which rule, before anything they wrote is read."""
    ruled = of_author(actor, rulings)
    if ruled is not None:
        return ruled, "ruling.author"
    listed = next((found for rule in rules if (found := by_machines(actor, rule))), None)
    cause, evidence = listed or by_author(actor.kind, actor.marks, "", False)
    return cause, evidence.rule
