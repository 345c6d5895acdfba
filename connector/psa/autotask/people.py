"""Who is behind a number: a person, an integration, or Autotask itself.

The resource's record decides, never the name: 4 is the built-in administrator under which workflow rules
write, licence type 7 is an API user (facts §2, §10). A resource that left was a person when they wrote.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from connector.model import NOBODY, Actor
from connector.psa.values import Json, text

SYSTEM = "4"
API_LICENCE = "7"
FIELDS = (
    "id",
    "firstName",
    "lastName",
    "userName",
    "email",
    "licenseType",
    "title",
    "defaultServiceDeskRoleID",
)


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource record, reduced to what tells people from machines."""

    id: str
    name: str = ""
    login: str = ""
    email: str = ""
    team: str = ""
    api: bool = False
    role: str = ""  # id of the role work is done in, without which nothing is assigned


def resource(row: Json, roles: Mapping[str, str]) -> Resource:
    """A row of `Resources`. `roles`: names by id; the title stands for the team where there is no role."""
    name = " ".join(part for part in (text(row, "firstName"), text(row, "lastName")) if part)
    role = text(row, "defaultServiceDeskRoleID")
    team = roles.get(role, "") or text(row, "title")
    api = text(row, "licenseType") == API_LICENCE
    return Resource(text(row, "id"), name, text(row, "userName"), text(row, "email"), team, api, role)


class People:
    """The directory. `missed` collects ids that should be there and are not.

    `blind`: resources may not be read, so whoever has a number is taken for a person.
    """

    def __init__(self, resources: Iterable[Resource] = (), *, machines: Collection[str] = ()) -> None:
        self.me = ""
        self.missed: set[str] = set()
        self.blind = False
        self._machines = frozenset(name.casefold() for name in machines)
        self._known: dict[str, Resource] = {}
        self.learn(resources)

    def __len__(self) -> int:
        return len(self._known)

    def addresses(self) -> frozenset[str]:
        """Login names and mail addresses of everybody, casefolded."""
        names = (name for one in self._known.values() for name in (one.login, one.email))
        return frozenset(name.casefold() for name in names if name and not name.isdecimal())

    def learn(self, resources: Iterable[Resource]) -> None:
        self._known.update((one.id, one) for one in resources if one.id)

    def recognise(self, user: str) -> None:
        """Which resource we are, by the name we log in with; '' if that is not one of the directory's."""
        wanted = user.casefold()
        named = [r.id for r in self._known.values() if wanted in (r.login.casefold(), r.email.casefold())]
        self.me = named[0] if len(named) == 1 else ""

    def name(self, resource_id: str) -> str:
        """A resource's full name; its id where nobody knows it, '' for nobody."""
        known = self._known.get(resource_id)
        return known.name if known and known.name else resource_id

    def find(self, name: str) -> Resource | None:
        """The resource of this login, address, full name or number that can be given work, None if there is
        none or several are so called: an API user cannot, and nobody without a role."""
        wanted = name.casefold()
        able = [r for r in self._known.values() if not r.api and r.role.isdecimal() and r.id.isdecimal()]
        found = [r for r in able if wanted in (r.login.casefold(), r.email.casefold(), r.id)]
        found = found or [r for r in able if r.name.casefold() == wanted]
        return found[0] if wanted and len(found) == 1 else None

    def actor(self, resource_id: str) -> Actor:
        """The actor behind a resource id; NOBODY for ''."""
        if not resource_id or resource_id == "0":
            return NOBODY
        known = self._known.get(resource_id)
        name, team = (known.name, known.team) if known else ("", "")
        if resource_id == self.me:
            return Actor("automation", resource_id, name, marks=("api", "self"))
        if resource_id == SYSTEM:
            return Actor("automation", resource_id, name or "Autotask", marks=("system",))
        if known is None:
            if not self.blind:
                self.missed.add(resource_id)
            return Actor(
                "automation" if self.listed(resource_id) else "staff" if self.blind else "unknown",
                resource_id,
            )
        machine = known.api or self.listed(resource_id)
        marks = ("api",) if known.api else ()
        return Actor("automation" if machine else "staff", resource_id, name, team, marks)

    def listed(self, resource_id: str) -> bool:
        """Whether a person has said that this is a machine."""
        known = self._known.get(resource_id)
        return not self._machines.isdisjoint(_names(known) if known else {resource_id})


def _names(known: Resource) -> set[str]:
    return {known.id, known.login.casefold(), known.name.casefold()} - {""}
