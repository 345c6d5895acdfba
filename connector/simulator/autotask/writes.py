"""What a client may write: sparse PATCH of tickets and companies, new tickets, new notes.

The id of a PATCH is in its body. Only what is sent changes; user-defined fields come as names and texts,
and a name, a number or an option that does not fit fails the whole request with a 500.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from connector.simulator.autotask import names
from connector.simulator.autotask.entity import REFERENCE, Entity, Json, Udf
from connector.simulator.autotask.errors import (
    bad_pick,
    missing,
    no_such_path,
    refused,
    too_long,
    unable_to_find,
)
from connector.simulator.autotask.tickets import Desk
from connector.simulator.marking import set_company_fields
from connector.simulator.records import Field, Ticket, Value, Write
from connector.simulator.web import Ask, Reply

Step = Callable[[Ticket], None]
_UDF_LENGTH = 8000
_NOTE_LENGTH = 32_000


def body_of(ask: Ask) -> Json:
    given = ask.json()
    if not isinstance(given, dict):
        raise refused("The body must be an object.")
    return given


def done(item: int) -> Reply:
    return Reply.of({"itemId": item})


class Writes:
    """`tickets` and `companies` are the entities whose user-defined fields are known."""

    def __init__(self, desk: Desk, tickets: Entity, companies: Entity) -> None:
        self.desk, self.world, self.names = desk, desk.world, desk.names
        self.tickets, self.companies = tickets, companies

    def _login(self, ask: Ask) -> str:
        return self.world.members[ask.member].identifier

    # ── tickets ───────────────────────────────────────────────────────────────────────────────

    def patch_ticket(self, ask: Ask) -> Reply:
        given = body_of(ask)
        ticket = self.world.tickets.by_id.get(_number(given, "id"))
        if ticket is None:
            raise refused("No matching records found for the id. ; on record number [1].")
        steps = self._ticket_steps(ticket, given, self._login(ask))
        values = self._udf_values(self.tickets, given)

        def apply(changed: Ticket) -> None:
            for step in steps:
                step(changed)
            old = changed.values or {}
            changed.values = _merged(old, values) or None
            self._log(changed.id, old, values, self._login(ask))

        if steps or values:
            self.world.touch(ticket, self._login(ask), apply)
        return done(ticket.id)

    def _ticket_steps(self, ticket: Ticket, given: Json, login: str) -> list[Step]:
        steps: list[Step] = []
        if "title" in given:
            title = _text(given, "title", 255)
            steps.append(lambda changed: setattr(changed, "summary", title))
        if "priority" in given:
            priority = self._priority(given["priority"])
            steps.append(lambda changed: setattr(changed, "priority", priority))
        if "queueID" in given:
            board = self.names.board(given["queueID"])
            if board is None:
                raise bad_pick(given["queueID"], "queueID")
            steps.append(lambda changed: setattr(changed, "board", board))
        if "assignedResourceID" in given:
            owner = self._owner(given)
            steps.append(lambda changed: setattr(changed, "owner", owner))
        if "status" in given:
            status = self.world.status_by_name(ticket.board, self._status(given["status"]))
            steps.append(self.world.moving(status, login))
        return steps

    def _status(self, value: Any) -> str:
        name = self.names.status_name(value)
        if name is None:
            raise bad_pick(value, "status")
        return name

    def _priority(self, value: Any) -> int:
        for priority, number in names.PRIORITIES.items():
            if number == value and not isinstance(value, bool):
                return priority
        raise bad_pick(value, "priority")

    def _owner(self, given: Json) -> int | None:
        resource = given["assignedResourceID"]
        if resource is None:
            return None
        if given.get("assignedResourceRoleID") is None:
            raise refused(
                "When assigning a Resource, you must assign both a assignedResourceID and "
                "assignedResourceRoleID."
            )
        member = self.names.member(resource)
        if member is None or member.kind == "api":
            raise refused("Reference value on field: assignedResourceID of type: Resource does not exist.")
        return member.id

    def create_ticket(self, ask: Ask) -> Reply:
        given, world = body_of(ask), self.world
        for name in ("companyID", "title", "status", "priority"):
            if given.get(name) in (None, ""):
                raise missing(name)
        company = world.companies.get(_number(given, "companyID"))
        if company is None:
            raise refused("Reference value on field: companyID of type: Company does not exist.")
        kinds = {number: name for name, number in names.TYPES.items()}
        board = self.names.board(given["queueID"]) if given.get("queueID") is not None else 1
        if board is None:
            raise bad_pick(given["queueID"], "queueID")
        if given.get("ticketType", 2) not in kinds:
            raise bad_pick(given["ticketType"], "ticketType")
        values = self._udf_values(self.tickets, given)
        dress = self._dressing(given, company.id)
        ticket = world.open_ticket(
            company.name,
            _text(given, "title", 255),
            text=str(given.get("description") or ""),
            priority=world.priorities[self._priority(given["priority"])].name,
            board=world.boards[board].name,
            type=kinds[given.get("ticketType", 2)],
            by=self._login(ask),
            status=self._status(given["status"]),
            dress=dress,
        )
        if values:
            record = world.ticket(ticket)
            record.values = _merged({}, values) or None
            self._log(ticket, {}, values, self._login(ask))
        return done(ticket)

    def _dressing(self, given: Json, company: int) -> Step:
        """Who it is about and for, and until when: nobody unless told."""
        contact = given.get("contactID")
        if contact is not None and contact not in {one.id for one in self.world.contacts_of(company)}:
            raise refused("Reference value on field: contactID of type: Contact does not exist.")
        if given.get("ticketCategory", 3) != 3:
            raise bad_pick(given["ticketCategory"], "ticketCategory")
        owner = self._owner(given) if given.get("assignedResourceID") is not None else None
        due = given.get("dueDateTime")
        until = datetime.fromisoformat(str(due)) if due else None

        def dress(ticket: Ticket) -> None:
            ticket.contact, ticket.owner, ticket.due = contact, owner, until

        return dress

    # ── notes, companies ──────────────────────────────────────────────────────────────────────

    def create_note(self, ask: Ask) -> Reply:
        given, ticket = body_of(ask), self.world.tickets.by_id.get(ask.ids[0])
        if ticket is None:
            raise refused("Reference value on field: ticketID of type: Ticket does not exist.")
        for name in ("description", "noteType", "publish"):
            if given.get(name) in (None, ""):
                raise missing(name)
        for name, picks in (("noteType", names.NOTE_TYPES), ("publish", names.PUBLISH)):
            if given[name] not in {pick.value for pick in picks}:
                raise bad_pick(given[name], name)
        text = _text(given, "description", _NOTE_LENGTH)
        return done(self.world.post(ticket.id, self._login(ask), text, visible=given["publish"] == 1))

    def patch_company(self, ask: Ask) -> Reply:
        given = body_of(ask)
        company = self.world.companies.get(_number(given, "id"))
        if company is None:
            raise refused("No matching records found for the id. ; on record number [1].")
        values = self._udf_values(self.companies, given)
        set_company_fields(self.world, company.id, values, self._login(ask))
        return done(company.id)

    # ── user-defined fields ───────────────────────────────────────────────────────────────────

    def _udf_values(self, entity: Entity, given: Json) -> dict[int, Value]:
        """Values by the world's number of the field; ApiError when one does not fit."""
        items = given.get("userDefinedFields") or []
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise refused("userDefinedFields must be an array of objects with name and value.")
        known = {udf.name.casefold(): udf for udf in entity.udfs()}
        values: dict[int, Value] = {}
        for item in items:
            udf = known.get(str(item.get("name", "")).casefold())
            if udf is None:
                raise unable_to_find(str(item.get("name")), entity.singular)
            field = self.names.field(udf)
            values[field.id] = _udf_value(udf, field, item.get("value"))
        return values

    def _log(self, ticket: int, old: dict[int, Value], new: dict[int, Value], login: str) -> None:
        for number, after in new.items():
            if old.get(number) != after:
                caption = self.world.fields[number].caption
                write = Write(self.world.now(), ticket, caption, old.get(number), after, login)
                self.world.writes.append(write)


def _merged(old: dict[int, Value], new: dict[int, Value]) -> dict[int, Value]:
    return {number: value for number, value in {**old, **new}.items() if value is not None}


def _udf_value(udf: Udf, field: Field, value: Any) -> Value:
    """Null and an empty text clear. Whatever JSON it came as, it counts as text."""
    if value is None or value == "":
        return None
    text = str(value)
    if udf.kind == REFERENCE:
        raise refused(f"The user-defined field {udf.name} cannot be written through the API.")
    if udf.options:
        if text not in udf.options:
            raise bad_pick(text, udf.name)
        return text == "Yes" if field.type == "Checkbox" else text
    if field.type == "Number":
        try:
            number = float(text)
        except ValueError:
            raise refused(f"Unable to convert [{text[:40]}] to double (field:{udf.name}).") from None
        return int(number) if number.is_integer() else number
    if len(text) > _UDF_LENGTH:
        raise too_long(udf.name)
    return text


def _text(given: Json, name: str, length: int) -> str:
    text = str(given.get(name) or "")
    if not text:
        raise missing(name)
    if len(text) > length:
        raise too_long(name)
    return text


def _number(given: Json, name: str) -> int:
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise missing(name)
    return value


def no_root_notes(ask: Ask) -> Reply:
    """Notes are made below their ticket; the path at the root does not take them."""
    raise no_such_path(ask.path)
