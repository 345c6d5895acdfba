"""Who is behind an identifier: a person, an integration, a template, or the PSA itself.

The author's record decides, never the name: API members (licence class A, or listed under apiMembers),
`template123`, and members a person configured as machines are automation (facts §7.5). `zAdmin` is the
mail and portal connector where a contact is named, and the PSA's own workflow otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from connector.errors import ContractViolation, NotFound
from connector.model import NOBODY, Actor
from connector.psa.connectwise.api import Api
from connector.psa.transport import Forbidden
from connector.psa.values import Json, text

_TEMPLATE = re.compile(r"template\d+\Z", re.IGNORECASE)
API_LICENCE = "A"


@dataclass(frozen=True, slots=True)
class Person:
    """A member record, reduced to what tells people from machines."""

    id: int
    identifier: str
    name: str = ""
    team: str = ""
    api: bool = False
    email: str = ""


def member(row: Json) -> Person:
    """A row of `system/members`. `title` stands for the team: members carry team ids only."""
    name = " ".join(part for part in (text(row, "firstName"), text(row, "lastName")) if part)
    api = text(row, "licenseClass").upper() == API_LICENCE
    email = text(row, "officeEmail") or text(row, "primaryEmail")
    return Person(_id(row), text(row, "identifier"), name, text(row, "title"), api, email)


def api_member(row: Json) -> Person:
    """A row of `system/apiMembers`."""
    email = text(row, "emailAddress")
    return Person(_id(row), text(row, "identifier"), text(row, "name"), "", api=True, email=email)


def is_connector(identifier: str) -> bool:
    """Whether mail and portal posts run under this identifier."""
    return identifier.casefold() == "zadmin"


class People:
    """The directory. `missed` collects identifiers that should be there and are not.

    `blind`: the list of members may not be read, so a note's member is taken for a person.
    """

    def __init__(
        self, people: Iterable[Person] = (), *, me: str = "", machines: Collection[str] = ()
    ) -> None:
        self.me = me
        self.missed: set[str] = set()
        self.blind = False
        self._machines = frozenset(name.casefold() for name in machines)
        self._known: dict[str, Person] = {}
        self.learn(people)

    def learn(self, people: Iterable[Person]) -> None:
        """Take in records; once an API member, always one, whichever list said so."""
        for person in people:
            name = person.identifier.casefold()
            old = self._known.get(name)
            if name and not (old is not None and old.api and not person.api):
                self._known[name] = person

    def __len__(self) -> int:
        return len(self._known)

    def addresses(self) -> frozenset[str]:
        """Identifiers and mail addresses of everybody, casefolded."""
        names = (name for person in self._known.values() for name in (person.identifier, person.email))
        return frozenset(name.casefold() for name in names if name and not name.isdecimal())

    def by_id(self, member_id: int) -> str:
        """The identifier of a member's number; '' if it is not known."""
        return next((p.identifier for p in self._known.values() if p.id == member_id), "")

    def find(self, name: str) -> Person | None:
        """The member of this identifier, full name or number; None if nobody or several are so called."""
        wanted = name.casefold()
        found = [p for p in self._known.values() if wanted in (p.identifier.casefold(), str(p.id))]
        found = found or [p for p in self._known.values() if p.name.casefold() == wanted]
        return found[0] if wanted and len(found) == 1 else None

    def actor(self, identifier: str) -> Actor:
        """The actor behind an identifier; kind `unknown` if nobody knows it."""
        name = identifier.casefold()
        if not name:
            return NOBODY
        if is_connector(identifier):
            return Actor("automation", id=identifier, marks=("system",))
        if _TEMPLATE.match(name):
            return Actor("automation", id=identifier, marks=("template",))
        person = self._known.get(name)
        if name == self.me.casefold():
            return Actor(
                "automation", id=identifier, name=person.name if person else "", marks=("api", "self")
            )
        if person is None:
            if name in self._machines:
                return Actor("automation", id=identifier)
            self.missed.add(name)
            return Actor("unknown", id=identifier)
        machine = person.api or name in self._machines
        marks = ("api",) if person.api else ()
        return Actor("automation" if machine else "staff", person.identifier, person.name, person.team, marks)

    def member(self, identifier: str) -> Actor:
        """The actor behind a `member` reference; a person while the directory may not be read."""
        actor = self.actor(identifier)
        return Actor("staff", id=identifier) if self.blind and actor.kind == "unknown" else actor


async def read_members(api: Api) -> tuple[list[Person], list[str]]:
    """Everybody the PSA lists, and notes on what it would not tell."""
    people: list[Person] = []
    notes: list[str] = []
    for path, read in (("system/members", member), ("system/apiMembers", api_member)):
        try:
            rows = await api.rows(path)
        except (Forbidden, NotFound, ContractViolation) as error:
            notes.append(f"{path} cannot be read: people and machines are told apart less well ({error})")
            continue
        people += [read(row) for row in rows if isinstance(row, dict)]
    return people, notes


def _id(row: Json) -> int:
    found = row.get("id")
    return found if type(found) is int else 0
