"""The Tickets entity: a ticket of the world in Autotask's 76 fields.

Its SLA fields believe the status and nothing else. `lastActivityDate` moves with everything that touches
the ticket, `lastTrackedModificationDateTime` with changed fields only, as a recorded ticket shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connector.simulator import sla
from connector.simulator.autotask import names
from connector.simulator.autotask.entity import Entity, Field, Hints, Json, Pick, Udf, blank, fields
from connector.simulator.autotask.names import Names
from connector.simulator.faults import Faults, nested
from connector.simulator.records import Answer, Post, Ticket, Trail
from connector.simulator.world import World

_NUMBERS = (
    "apiVendorID billingCodeID changeApprovalBoard changeApprovalStatus changeApprovalType companyLocationID "
    "configurationItemID contractID impersonatorCreatorResourceID issueType monitorTypeID opportunityID "
    "organizationalLevelAssociationID problemTicketId projectID rmaStatus rmaType subIssueType "
    "firstResponseAssignedResourceID"
)
_LONGS = "contractServiceBundleID contractServiceID monitorID"
_TEXTS = (
    "changeInfoField1 changeInfoField2 changeInfoField3 changeInfoField4 changeInfoField5 externalID "
    "purchaseOrderNumber resolution"
)


@dataclass
class Desk:
    """What reading a ticket takes: the world, its names, and an index of the audit trail."""

    world: World
    names: Names
    faults: Faults

    def __post_init__(self) -> None:
        self._lines: dict[int, list[tuple[int, Trail]]] = {}
        self._indexed = 0
        self._clicks: dict[int, list[Answer]] = {}
        self._counted = 0

    def lines(self, ticket: int) -> list[tuple[int, Trail]]:
        """The audit trail of one ticket, each line with its number."""
        for number in range(self._indexed, len(self.world.trail)):
            line = self.world.trail[number]
            self._lines.setdefault(line.ticket, []).append((number + 1, line))
        self._indexed = len(self.world.trail)
        return self._lines.get(ticket, [])

    def opening(self, ticket: Ticket) -> Post | None:
        """The note a ticket was opened with: its description here, not one of its notes."""
        first = next(iter(self.world.posts(ticket.id)), None)
        if first is None or first.at != ticket.entered_at or first.created_by != ticket.entered_by:
            return None
        return first

    def by_contact(self, ticket: Ticket) -> bool:
        if ticket.seeded >= 0:
            return True
        opening = self.opening(ticket)
        return ticket.entered_by == "zAdmin" and (opening is None or opening.contact is not None)

    def tracked(self, ticket: Ticket) -> datetime:
        """When a field of it last changed; a row as it was a while ago knows nothing of later changes."""
        times = (line.at for _, line in reversed(self.lines(ticket.id)) if line.at <= ticket.updated_at)
        return max(next(times, ticket.entered_at), ticket.entered_at)

    def due(self, ticket: Ticket, minutes: int) -> datetime:
        """Until when a promise holds; waiting is added when it is over."""
        return sla.after_working_minutes(ticket.entered_at, minutes + ticket.sla.waited)

    def clicked(self, ticket: int) -> list[Answer]:
        """The thermometer's clicks in order."""
        for answer in self.world.answers.after(self._counted):
            if answer.thermometer:
                self._clicks.setdefault(answer.ticket, []).append(answer)
            self._counted = answer.id
        return self._clicks.get(ticket, [])

    def clicks(self, ticket: Ticket) -> list[int]:
        """+1 good, 0 all right, -1 bad."""
        return [(one.score > 3) - (one.score < 3) for one in self.clicked(ticket.id)]


def tickets(desk: Desk) -> Entity:
    every = [*_identity(desk), *_people(desk), *_times(desk), *_sla(desk), *_thermometer(desk), *_unused()]
    world = desk.world
    return Entity(
        "Tickets",
        "Ticket",
        fields(*every),
        lambda hints: _rows(desk, hints),
        world.tickets.by_id.get,
        udfs=lambda: desk.names.udfs("ticket", desk.faults.missing_field),
        udf_value=lambda row, udf: _udf_value(desk, row, udf),
        stamps=frozenset({"lastActivityDate", "lastTrackedModificationDateTime", "createDate"}),
        finish=lambda record: _maybe_broken(desk, record),
        can=frozenset({"create", "update"}),
    )


def _rows(desk: Desk, hints: Hints) -> Iterator[Ticket]:
    """As the world was `stale_lists` seconds ago."""
    world = desk.world
    past = world.tickets.past(world.now() - timedelta(seconds=desk.faults.stale_lists))
    for row in _candidates(world, hints):
        seen = past.get(row.id, row)
        if seen is not None:
            yield seen


def _candidates(world: World, hints: Hints) -> Iterator[Ticket]:
    if hints.tickets is not None:
        found = world.tickets.by_id
        yield from (found[number] for number in sorted(hints.tickets) if number in found)
    elif hints.since is not None:
        rows = world.tickets.between(*world.tickets.updated(hints.since, None))
        yield from (row for row in rows if row.id > hints.after)
    else:
        yield from world.tickets.after(hints.after)


def _udf_value(desk: Desk, ticket: Ticket, udf: Udf) -> str | None:
    return names.udf_text((ticket.values or {}).get(desk.names.field(udf).id))


def _maybe_broken(desk: Desk, record: Json) -> Any:
    kind = desk.faults.malformed.get(record.get("id", 0))
    if kind == "not-an-object":
        return "System.NullReferenceException: Object reference not set to an instance of an object."
    if kind in ("no-id", "no-status"):
        return {name: value for name, value in record.items() if name != kind[3:]}
    if kind == "too-deep":
        return nested(record)
    return {**record, "createDate": "2026-02-31T25:61:00Z"} if kind == "dates" else record


# ── fields ────────────────────────────────────────────────────────────────────────────────────────


def number(ticket: Ticket) -> str:
    return f"T{ticket.entered_at:%Y%m%d}.{ticket.id:04d}"


def _identity(desk: Desk) -> list[Field]:
    n = desk.names

    def text(ticket: Ticket) -> str | None:
        opening = desk.opening(ticket)
        return opening.text if opening else None

    def source(ticket: Ticket) -> int:
        if desk.by_contact(ticket):
            return names.BY_MAIL
        member = desk.world.members_by_login.get(ticket.entered_by.casefold())
        return names.BY_PHONE if member is not None and member.kind == "person" else names.BY_ALERT

    return [
        Field("id", "long", lambda t: t.id),
        Field("ticketNumber", "string", number, length=50, webhook=True),
        Field(
            "title", "string", lambda t: t.summary, read_only=False, required=True, length=255, webhook=True
        ),
        Field("description", "string", text, read_only=False, length=8000),
        Field("status", read=lambda t: n.status(t.status), picks=n.statuses, **_WRITABLE),
        Field("priority", read=lambda t: names.PRIORITIES[t.priority], picks=n.priorities, **_WRITABLE),
        Field("queueID", read=lambda t: n.queue(t.board), picks=n.queues, read_only=False, webhook=True),
        Field("ticketType", read=_type, picks=n.types, read_only=False, webhook=True),
        Field("ticketCategory", read=lambda _t: 3, read_only=False),
        Field("source", read=source, picks=lambda: names.SOURCES, read_only=False),
        Field("isAssignedToComanaged", "boolean", lambda _t: False),
        Field("isVisibleToComanaged", "boolean", lambda _t: False),
    ]


_WRITABLE: dict[str, Any] = {"read_only": False, "required": True, "webhook": True}


def _type(ticket: Ticket) -> int:
    return {1: 2, 2: 1, 3: 5}[ticket.type]


def _people(desk: Desk) -> list[Field]:
    n = desk.names
    by_contact = desk.by_contact
    writable: dict[str, Any] = {"read_only": False, "webhook": True}

    def last_by_contact(ticket: Ticket) -> bool:
        return ticket.customer_updated and n.resource_of(ticket.updated_by) == names.SYSTEM

    return [
        Field("companyID", read=lambda t: t.company, refers="Company", required=True, **writable),
        Field("contactID", read=lambda t: t.contact, refers="Contact", **writable),
        Field("assignedResourceID", read=lambda t: n.resource(t.owner), refers="Resource", **writable),
        Field("assignedResourceRoleID", read=lambda t: n.role(t.owner), refers="Role", read_only=False),
        Field("creatorResourceID", read=lambda t: n.resource_of(t.entered_by), refers="Resource"),
        Field("createdByContactID", read=lambda t: t.contact if by_contact(t) else None, refers="Contact"),
        Field("creatorType", read=lambda t: 2 if by_contact(t) else 1, queryable=False),
        Field("completedByResourceID", read=lambda t: n.resource_of(t.closed_by) if t.closed_by else None),
        Field("lastActivityResourceID", read=lambda t: n.resource_of(t.updated_by), refers="Resource"),
        Field("lastActivityPersonType", read=lambda t: 2 if last_by_contact(t) else 1, queryable=False),
        Field(
            "firstResponseInitiatingResourceID",
            read=lambda t: n.resource_of(t.sla.responded_by) if t.sla.responded_by else None,
        ),
    ]


def _times(desk: Desk) -> list[Field]:
    def visible(ticket: Ticket) -> datetime | None:
        shown = [post.at for post in desk.world.posts(ticket.id) if post.visible]
        return shown[-1] if shown else None

    return [
        Field("createDate", "datetime", lambda t: t.entered_at),
        Field("completedDate", "datetime", lambda t: t.closed_at, webhook=True),
        Field("lastActivityDate", "datetime", lambda t: t.updated_at),
        Field("lastTrackedModificationDateTime", "datetime", desk.tracked),
        Field("lastCustomerVisibleActivityDateTime", "datetime", visible),
        Field("lastCustomerNotificationDateTime", "datetime"),
    ]


def _sla(desk: Desk) -> list[Field]:
    world = desk.world

    def due(part: str) -> Any:
        return lambda t: desk.due(t, getattr(world.priorities[t.priority], part))

    def left(ticket: Ticket) -> float | None:
        """Working hours left to the next promise while the clock stands."""
        stage = ticket.sla.stage
        if not ticket.sla.waiting or stage == "resolved":
            return None
        part = {"open": "respond", "responded": "plan"}.get(stage, "resolve")
        promised: int = getattr(world.priorities[ticket.priority], part)
        spent = ticket.sla.spent + ticket.sla.respond_min + ticket.sla.plan_min
        return round((promised - spent) / 60, 4)

    def agreed(ticket: Ticket) -> int | None:
        default = world.set_up.default
        return world.set_up.sla_of.get(ticket.company, default.id if default else None)

    def slas() -> list[Pick]:
        return [Pick(one.id, one.name) for one in world.set_up.slas]

    return [
        Field("serviceLevelAgreementID", read=agreed, picks=slas, read_only=False),
        Field("firstResponseDateTime", "datetime", lambda t: t.sla.responded_at, webhook=True),
        Field("firstResponseDueDateTime", "datetime", due("respond")),
        Field("resolutionPlanDateTime", "datetime", lambda t: t.sla.planned_at, webhook=True),
        Field("resolutionPlanDueDateTime", "datetime", due("plan")),
        Field("resolvedDateTime", "datetime", lambda t: t.sla.resolved_at, webhook=True),
        Field("resolvedDueDateTime", "datetime", due("resolve")),
        Field("dueDateTime", "datetime", lambda t: t.due or due("resolve")(t), read_only=False),
        Field("serviceLevelAgreementHasBeenMet", "boolean"),  # empty on the live tenants that were seen
        Field("serviceLevelAgreementPausedNextEventHours", "double", left),
    ]


def _thermometer(desk: Desk) -> list[Field]:
    """One-click feedback: the last two clicks, and all of them summed."""

    def click(place: int) -> Any:
        def read(ticket: Ticket) -> int | None:
            clicks = desk.clicks(ticket)
            return 2 - clicks[-place] if len(clicks) >= place else None

        return read

    def warmth(ticket: Ticket) -> int | None:
        clicks = desk.clicks(ticket)
        return sum(clicks) if clicks else None

    return [
        Field("currentServiceThermometerRating", read=click(1), picks=lambda: names.THERMOMETER),
        Field("previousServiceThermometerRating", read=click(2), picks=lambda: names.THERMOMETER),
        Field("serviceThermometerTemperature", read=warmth),
    ]


def _unused() -> list[Field]:
    return [
        *blank("integer", _NUMBERS),
        *blank("long", _LONGS),
        *blank("string", _TEXTS, ""),
        *blank("string", "rmmAlertID"),
        *blank("double", "estimatedHours hoursToBeScheduled", 0.0),
    ]
