"""Autotask's numbers and picklists for what the world calls by its own.

Values of picklists are a tenant's own and in no order: a priority of 4 is the highest here. Statuses are
one list for all queues. What is known to be the same everywhere (New 1, Complete 5, Waiting Customer 7,
In Progress 8, the kinds of notes, resource 4 as the PSA itself) is the same here.
"""

from __future__ import annotations

from connector.simulator import people
from connector.simulator.autotask.entity import REFERENCE, Pick, Udf
from connector.simulator.directory import Directory
from connector.simulator.records import Field, Member, Value

SYSTEM = 4
_FIRST_RESOURCE = 29_682_800
_FIRST_QUEUE = 29_682_832
_FIRST_ROLE = 29_683_354
_FIRST_UDF = 29_682_700
COMPLETE, WAITING = 5, 7
STATUSES = {
    "New": 1,
    "Assigned": 9,
    "In Progress": 8,
    "Scheduled": 10,
    "Waiting Customer": WAITING,
    "Customer Responded": 19,
    "Resolved": 20,
    ">Closed": COMPLETE,
    "Merged": COMPLETE,
}
_LABELS = {">Closed": "Complete", "Merged": "Complete"}
PRIORITIES = {1: 4, 2: 1, 3: 2, 4: 3}
TYPES = {"Service Request": 1, "Incident": 2, "Alert": 5}
SOURCES = (Pick(2, "Phone"), Pick(4, "Email"), Pick(6, "Client Portal"), Pick(8, "Monitoring Alert"))
BY_PHONE, BY_MAIL, BY_ALERT = 2, 4, 8
THERMOMETER = (Pick(1, "Good"), Pick(2, "OK"), Pick(3, "Bad"))
LICENSES = (Pick(1, "Professional", system=True), Pick(7, "API User", system=True))
API_USER = 7
PUBLISH = (
    Pick(1, "All Autotask Users", system=True),
    Pick(2, "Internal Project Team", system=True),
    Pick(4, "Internal & Co-Managed", system=True),
)
NOTE_TYPES = (
    Pick(1, "Task Summary", system=True),
    Pick(2, "Task Detail", system=True),
    Pick(3, "Task Notes", system=True),
    Pick(13, "Workflow Rule Note - Task", system=True),
    Pick(15, "Duplicate Ticket Note", system=True),
    Pick(17, "Surveys", system=True),
    Pick(18, "Client Portal Note", system=True),
    Pick(91, "Workflow Rule Action Note", system=True),
    Pick(92, "Forward/Modify Note", system=True),
    Pick(93, "Merged Into Ticket", system=True),
    Pick(94, "Absorbed Another Ticket", system=True),
    Pick(99, "RMM Note", system=True),
    Pick(100, "BDR Note", system=True),
    Pick(101, "Email Note", system=True),
)


class Names:
    """Both directions between the world's numbers and Autotask's."""

    def __init__(self, world: Directory) -> None:
        self.world = world
        self.roles = {
            team: _FIRST_ROLE + place
            for place, team in enumerate(dict.fromkeys(m.team for m in world.members.values()), start=1)
        }

    def resource(self, member: int | None) -> int | None:
        """The PSA itself (zAdmin) is resource 4."""
        if member is None:
            return None
        return SYSTEM if self.world.members[member].kind == "system" else _FIRST_RESOURCE + member

    def resource_of(self, login: str) -> int:
        member = self.world.members_by_login.get(login.casefold())
        return SYSTEM if member is None else self.resource(member.id) or SYSTEM

    def member(self, resource: object) -> Member | None:
        return next((m for m in self.world.members.values() if self.resource(m.id) == resource), None)

    def role(self, member: int | None) -> int | None:
        return None if member is None else self.roles[self.world.members[member].team]

    def status(self, status: int) -> int:
        return STATUSES[self.world.statuses[status].name]

    def status_name(self, value: object) -> str | None:
        """The world's name of a status; Complete is its ">Closed"."""
        return next((name for name, number in STATUSES.items() if number == value), None)

    def queue(self, board: int) -> int:
        return _FIRST_QUEUE + board

    def board(self, queue: object) -> int | None:
        return next((board for board in self.world.boards if self.queue(board) == queue), None)

    # ── picklists ─────────────────────────────────────────────────────────────────────────────

    def statuses(self) -> list[Pick]:
        labels = {number: label(name) for name, number in reversed(STATUSES.items())}
        kept = (1, COMPLETE, WAITING, 8)
        return [Pick(number, text, system=number in kept) for number, text in sorted(labels.items())]

    def priorities(self) -> list[Pick]:
        return [Pick(PRIORITIES[one.id], one.name) for one in self.world.priorities.values()]

    def queues(self) -> list[Pick]:
        return [Pick(self.queue(one.id), one.name) for one in self.world.boards.values()]

    def types(self) -> list[Pick]:
        return [Pick(number, name, system=True) for name, number in TYPES.items()]

    def udfs(self, on: str, hidden: str = "") -> list[Udf]:
        return [
            Udf(_FIRST_UDF + one.id, one.caption, _KINDS[one.type], _options(one))
            for one in self.world.fields.values()
            if one.on == on and one.caption != hidden
        ]

    def field(self, udf: Udf) -> Field:
        return self.world.fields[udf.number - _FIRST_UDF]


_KINDS = {"Text": "string", "Number": "double", "Checkbox": "string", "Other": REFERENCE}


def _options(field: Field) -> tuple[str, ...]:
    """Autotask has no checkbox: a list of two."""
    return ("Yes", "No") if field.type == "Checkbox" else field.options


def label(status: str) -> str:
    """What Autotask calls a status of the world."""
    return _LABELS.get(status, status)


def work_types() -> dict[int, str]:
    """Billing codes, by their number."""
    return {29_683_400 + number: name for number, name in people.WORK_TYPES.items()}


def udf_text(value: Value) -> str | None:
    """A value as it is sent: always a text."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return None if value is None else str(value)
