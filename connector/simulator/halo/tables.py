"""The world's statuses, priorities, types and teams under the ids Halo gives them.

Halo's statuses hold for every board, so a merged ticket is simply closed and says where it went. Its
priority ids mean something only within an SLA: alerts have one of their own, in which they run the
other way round.
"""

from __future__ import annotations

from dataclasses import dataclass

from connector.simulator import people
from connector.simulator.records import Ticket

WAITING, CLOSED = 4, 9
UNASSIGNED = 1
"""The agent who is nobody: Halo has a row for him."""

STATUSES = (
    (1, "New", "New"),
    (2, "In Progress", "In Progress"),
    (3, "Assigned", "Assigned"),
    (WAITING, "Waiting Customer", "Waiting Customer"),
    (5, "Scheduled", "Scheduled"),
    (6, "Customer Responded", "Customer Responded"),
    (8, "Resolved", "Resolved"),
    (CLOSED, "Closed", ">Closed"),
)
"""Id, name in Halo, name in the world."""
STATUS_IDS = {world: number for number, _, world in STATUSES} | {"Merged": CLOSED}
WORLD_STATUS = {number: world for number, _, world in STATUSES}

STANDARD, ALERTS = 1, 2
SLAS = {STANDARD: "Standard SLA", ALERTS: "Alerts SLA"}

TYPES = {20 + number: name for number, name in people.TYPES.items()}
ITIL = {21: 1, 22: 3, 23: 1}

_GROUPS = dict.fromkeys([board.name for board in people.BOARDS] + [m.team for m in people.MEMBERS])
TEAMS = {name: number for number, name in enumerate((n for n in _GROUPS if n != "System"), start=1)}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A kind of action. `system` ones are dropped by `excludesys`; `hidden` ones the customer cannot see."""

    id: int
    name: str
    system: int = 0
    hidden: bool = False


PRIVATE_NOTE = Outcome(7, "Private Note", hidden=True)
EMAIL_USER = Outcome(1, "Email User")
FIRST_EMAIL = Outcome(11, "First User Email")
EMAIL_RECEIVED = Outcome(12, "Email Received", hidden=True)
AUTO_EMAIL = Outcome(13, "Email Sent", system=6)
SYSTEM_NOTE = Outcome(14, "Rule Applied", system=9, hidden=True)
CHANGE_STATUS = Outcome(20, "Change Status", hidden=True)
SYSTEM_STATUS = Outcome(21, "Status Changed by Rule", system=4, hidden=True)
REASSIGN = Outcome(22, "Re-Assign", hidden=True)
APPOINTMENT = Outcome(23, "Appointment Booked", hidden=True)
WORK = {
    "Remote": Outcome(31, "Remote Session"),
    "Phone Call": Outcome(32, "Phone Call"),
    "On-site": Outcome(33, "On-site Visit"),
    "Email": Outcome(34, "Email Work"),
}
OUTCOMES = {
    outcome.id: outcome
    for outcome in (
        *(EMAIL_USER, PRIVATE_NOTE, FIRST_EMAIL, EMAIL_RECEIVED, AUTO_EMAIL, SYSTEM_NOTE, CHANGE_STATUS),
        *(SYSTEM_STATUS, REASSIGN, APPOINTMENT, *WORK.values()),
    )
}
WORK_TYPE = {outcome.id: name for name, outcome in WORK.items()}


def sla_of(ticket: Ticket) -> int:
    return ALERTS if ticket.board == people.BOARDS[1].id else STANDARD


def priority_id(sla: int, priority: int) -> int:
    """Halo's id, within that SLA, of a priority of the world; and the other way round."""
    return len(people.PRIORITIES) + 1 - priority if sla == ALERTS else priority


def field_id(field: int) -> int:
    """The FieldInfo id of a custom field of the world."""
    return 150 + field


def site_id(company: int) -> int:
    """Every client has one site."""
    return company + 1000
