"""Who is behind an agent's number: a person, an integration, or Halo itself.

The agent's record decides, never the name that an action shows: API agents and those a person configured
as machines are automation. Agent 1 is "Unassigned", which is nobody. Source: facts §3, §6.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from connector.model import NOBODY, Actor
from connector.psa.halo.values import ident
from connector.psa.values import Json, flag, text

UNASSIGNED = 1
SYSTEM = Actor("automation", marks=("system",))


@dataclass(frozen=True, slots=True)
class Person:
    """An agent's record, reduced to what tells people from machines."""

    id: int
    name: str = ""
    team: str = ""
    api: bool = False
    email: str = ""


def agent(row: Json) -> Person | None:
    """A row of `/Agent`; None for one without a number: lists hold an agent once per team, some so."""
    number = ident(row, "id")
    if not number:
        return None
    api = flag(row, "isapiagent")
    return Person(number, text(row, "name"), text(row, "team"), api, text(row, "email"))


class People:
    """The directory of agents. `missed` collects numbers that should be there and are not.

    `me` is the agent that our API application acts as. `blind`: agents may not be listed, so that one is
    taken for a person.
    """

    def __init__(self, *, machines: Collection[str] = ()) -> None:
        self.me = 0
        self.blind = False
        self.missed: set[int] = set()
        self._machines = frozenset(name.casefold() for name in machines)
        self._known: dict[int, Person] = {}

    def learn(self, people: Iterable[Person]) -> None:
        """Take in records; once an API agent, always one, and a team once told is kept."""
        for new in people:
            old = self._known.get(new.id, new)
            self._known[new.id] = Person(
                new.id,
                new.name or old.name,
                new.team or old.team,
                new.api or old.api,
                new.email or old.email,
            )

    def __len__(self) -> int:
        return len(self._known)

    def addresses(self) -> frozenset[str]:
        """Mail addresses of everybody, casefolded."""
        return frozenset(person.email.casefold() for person in self._known.values() if person.email)

    def is_person(self, number: int) -> bool:
        """Whether an agent is known and no machine."""
        return self.actor(number).kind == "staff" and number in self._known

    def name(self, number: int) -> str:
        """An agent's full name; the number where nobody knows it, '' for nobody."""
        if number <= UNASSIGNED:
            return ""
        known = self._known.get(number)
        return known.name if known and known.name else str(number)

    def find(self, name: str) -> int:
        """The agent of this full name or number; 0 if nobody or several are so called."""
        wanted = name.casefold()
        known = [p for p in self._known.values() if p.id > UNASSIGNED]
        found = [p.id for p in known if wanted in (str(p.id), p.name.casefold())]
        return found[0] if wanted and len(found) == 1 else 0

    def actor(self, number: int) -> Actor:
        """The actor behind an agent's number; kind `unknown` if nobody knows it."""
        if number <= UNASSIGNED:
            return NOBODY
        person = self._known.get(number)
        marks = ("api", "self") if number == self.me else ("api",)
        if person is None:
            if number == self.me:
                return Actor("automation", id=str(number), marks=marks)
            if str(number) in self._machines:
                return Actor("automation", id=str(number))
            self.missed.add(number)
            return Actor("staff" if self.blind else "unknown", id=str(number))
        named = {str(person.id), person.name.casefold()} & self._machines
        kind = "automation" if person.api or named else "staff"
        return Actor(
            "automation" if kind == "automation" else "staff",
            id=str(person.id),
            name=person.name,
            team=person.team,
            marks=marks if person.api else (),
        )
