"""What Halo does with a POST: an array in, no validation to speak of, and no PATCH at all.

An element with an id changes that record; without one it makes a new one, so a client that forgets or
misspells the id opens a ticket with every write. What a server does not know, it ignores; a custom field
sent in a wrong shape is even said back, though nothing was stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connector.simulator.faults import Faults
from connector.simulator.halo import tables
from connector.simulator.halo.errors import exception, not_found, refused
from connector.simulator.halo.tickets import TicketShapes
from connector.simulator.halo.values import Json, instant, whole
from connector.simulator.marking import set_company_fields
from connector.simulator.records import Field, Ticket, Value, Write
from connector.simulator.web import Ask, Reply
from connector.simulator.world import World

_ONE_IN = 4  # so often an answer comes as a list


@dataclass(frozen=True, slots=True)
class Posted:
    """A write that was carried out: was the PSA told to start no rules, no automations?"""

    at: datetime
    path: str
    ticket: int
    member: str
    created: bool
    rules_off: bool
    automations_off: bool


class Ledger:
    """Every write in the order in which it came, and the rule of the PSA that answers the loud ones."""

    def __init__(self, world: World, faults: Faults) -> None:
        self.world, self.faults = world, faults
        self.posted: list[Posted] = []

    def enter(self, ask: Ask, given: Json, ticket: int, created: bool = False) -> None:
        login = self.world.members[ask.member].identifier
        rules_off = given.get("dont_do_rules") is True
        automations_off = given.get("_dont_fire_automations") is True
        now = self.world.now()
        self.posted.append(Posted(now, ask.path, ticket, login, created, rules_off, automations_off))
        if self.faults.rules and not rules_off:
            self.world.post(ticket, "workflow", "A rule matched this ticket.", visible=False)


def elements(ask: Ask) -> list[Json]:
    """The records of a body, which must be an array of objects."""
    given = ask.json()
    if not isinstance(given, list) or not given or not all(isinstance(item, dict) for item in given):
        raise exception("Cannot deserialize the current JSON because the type requires a JSON array.")
    return given


class TicketWrites:
    def __init__(self, world: World, shapes: TicketShapes, faults: Faults, ledger: Ledger) -> None:
        self.world, self.shapes, self.faults, self.ledger = world, shapes, faults, ledger
        self._answers = 0

    def post(self, ask: Ask) -> Reply:
        """Change or open tickets; the answer is the last one's object, now and then in a list."""
        login = self.world.members[ask.member].identifier
        answers = [self._one(ask, item, login) for item in elements(ask)]
        self._answers += 1
        as_list = len(answers) > 1 or self._answers % _ONE_IN == 0
        return Reply.of(answers if as_list else answers[0], 201)

    def _one(self, ask: Ask, given: Json, login: str) -> Json:
        number = whole(given.get("id")) or 0
        if number > 0 and number not in self.world.tickets.by_id:
            raise not_found("Ticket", number)
        ticket = self.world.ticket(number if number > 0 else self._open(given, login))
        values = self._values(given.get("customfields"))
        if values or number > 0:
            self._store(ticket, given, values, login)
        self._move(ticket, given, login, opened=number <= 0)
        self.ledger.enter(ask, given, ticket.id, created=number <= 0)
        return self._answer(ticket, given)

    def _open(self, given: Json, login: str) -> int:
        """A new ticket of whatever was given; the API's tickets are logged by hand, as Halo sees it."""
        world = self.world
        company = world.companies.get(whole(given.get("client_id")) or 0) or next(
            iter(world.companies.values())
        )
        board = next((b.name for b in world.boards.values() if b.name == given.get("team")), "Service Desk")
        sla = tables.ALERTS if board == "Alerts" else tables.STANDARD
        priority = world.priorities.get(tables.priority_id(sla, whole(given.get("priority_id")) or 0))
        return world.open_ticket(
            company.name,
            str(given.get("summary") or "")[:200],
            text=str(given.get("details") or given.get("details_html") or ""),
            priority=priority.name if priority else "P3 Medium",
            board=board,
            type=tables.TYPES.get(whole(given.get("tickettype_id")) or 0, "Incident"),
            by=login,
            dress=self._dressing(given),
        )

    def _dressing(self, given: Json) -> Callable[[Ticket], None]:
        """The user it is for, until when, and below which ticket: the general user unless told."""
        user, parent = whole(given.get("user_id")) or 0, whole(given.get("parent_id")) or 0

        def dress(ticket: Ticket) -> None:
            ticket.contact = user if user in self.world.contacts else None
            ticket.parent = parent if parent in self.world.tickets.by_id else None
            ticket.due = instant(str(given.get("deadlinedate") or ""))

        return dress

    def _store(self, ticket: Ticket, given: Json, values: dict[int, Value], login: str) -> None:
        """Summary and custom fields, in one change."""
        whole_array = self.faults.whole_array_customfields and bool(values)

        def change(changed: Ticket) -> None:
            if isinstance(given.get("summary"), str):
                changed.summary = given["summary"]
            old = changed.values or {}
            new = {**({} if whole_array else old), **values}
            changed.values = {key: item for key, item in new.items() if item is not None} or None
            self._remember(changed.id, old, changed.values or {}, login)

        self.world.touch(ticket, login, change)

    def _remember(self, ticket: int, old: dict[int, Value], new: dict[int, Value], login: str) -> None:
        now = self.world.now()
        for key in sorted(old.keys() | new.keys()):
            before, after = old.get(key), new.get(key)
            if before != after:
                caption = self.world.fields[key].caption
                self.world.writes.append(Write(now, ticket, caption, before, after, login))

    def _move(self, ticket: Ticket, given: Json, login: str, opened: bool) -> None:
        world = self.world
        status = tables.WORLD_STATUS.get(whole(given.get("status_id")) or 0)
        if status and tables.STATUS_IDS[status] != self.shapes.status_id(ticket):
            world.set_status(ticket.id, status, login)
        number = whole(given.get("priority_id"))
        if number is not None and not opened:
            priority = world.priorities.get(tables.priority_id(tables.sla_of(ticket), number))
            if priority and priority.id != ticket.priority:
                world.set_priority(ticket.id, priority.name, login)
        agent = world.members.get(whole(given.get("agent_id")) or 0)
        if agent and agent.id != tables.UNASSIGNED and agent.id != ticket.owner:
            world.assign(ticket.id, agent.identifier, login)

    # ── clients ───────────────────────────────────────────────────────────────────────────────

    def clients(self, ask: Ask) -> Reply:
        """Change the custom fields of clients; one without its id would be a new client, which is refused."""
        login = self.world.members[ask.member].identifier
        for given in elements(ask):
            number = whole(given.get("id")) or 0
            if number not in self.world.companies:
                raise not_found("Client", number)
            values = self._values(given.get("customfields"), "company")
            if self.faults.whole_array_customfields and values:
                values = {**dict.fromkeys(self.world.companies[number].values, None), **values}
            set_company_fields(self.world, number, values, login)
        return Reply.of({"id": number, "name": self.world.companies[number].name}, 201)

    # ── custom fields ─────────────────────────────────────────────────────────────────────────

    def _values(self, given: Any, on: str = "ticket") -> dict[int, Value]:
        """World field id -> value, of what has the right shape and an id this PSA has."""
        known = {
            tables.field_id(field.id): field
            for field in self.world.fields.values()
            if field.on == on and field.type != "Other" and field.caption != self.shapes.hidden_field
        }
        found: dict[int, Value] = {}
        for item in given if isinstance(given, list) else ():
            field = known.get(whole(item.get("id")) or 0) if isinstance(item, dict) else None
            if field is not None and "value" in item:
                found[field.id] = _value(field, item["value"])
        return found

    def _answer(self, ticket: Ticket, given: Json) -> Json:
        """The ticket, in which the time of the last change has another name, with the fields as sent."""
        record = self.shapes.detail(ticket)
        record["lastupdate"] = record.pop("last_update")
        sent = given.get("customfields")
        if isinstance(sent, list):
            said = {item.get("id"): item for item in sent if isinstance(item, dict)}
            stored = [{**field, **said.pop(field["id"], {})} for field in record["customfields"]]
            record["customfields"] = [*stored, *said.values()]
        return record


def _value(field: Field, given: Any) -> Value:
    """What is kept of a value, loosely typed as Halo takes it; ApiError 400 if it cannot be."""
    if given is None or given == "":
        return None
    text = str(given).strip()
    if field.type == "Checkbox":
        if text.casefold() not in ("true", "false", "1", "0"):
            raise refused(f"{field.caption} must be true or false")
        return text.casefold() in ("true", "1")
    if field.type == "Number":
        try:
            number = float(text)
        except ValueError:
            raise refused(f"{field.caption} must be a number") from None
        return int(number) if number.is_integer() else number
    return text if isinstance(given, str | int | float) else None


def responded(now: datetime) -> Callable[[Ticket], None]:
    """The change by which Halo's own SLA takes a ticket as answered."""

    def change(changed: Ticket) -> None:
        changed.sla = replace(changed.sla, responded_at=changed.sla.responded_at or now)

    return change
