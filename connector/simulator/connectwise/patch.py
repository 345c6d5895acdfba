"""ConnectWise's PATCH of a ticket, with its traps.

The body is an array of {op, path, value}; paths are bare names or start with a slash. A reference is
replaced as a whole; a path into one is answered 200 and changes nothing. `customFields` given in part
keeps the rest, or clears it, depending on the server: `whole_array` says which this one is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connector.simulator import people
from connector.simulator.connectwise.errors import ApiError, expected, invalid
from connector.simulator.records import Field, Ticket, Value, Write
from connector.simulator.world import World

_OPS = ("add", "replace", "remove")
_REFERENCES = ("status", "priority", "owner", "board", "company", "contact", "type")
_READ_ONLY = (
    "id",
    "closedflag",
    "slastatus",
    "isinsla",
    "dateresponded",
    "dateresplan",
    "dateresolved",
    "_info",
)
_IGNORED = ("severity", "impact", "team", "source", "requireddate", "skipcallback", "processnotifications")

Step = Callable[[Ticket], None]


def apply_patch(
    world: World, ticket: Ticket, operations: Any, member: int, whole_array: bool, hidden_field: str
) -> None:
    """Carry out all operations, or none: ApiError 400 for the first that cannot be."""
    if not isinstance(operations, list):
        raise expected("array of operations")
    login = world.members[member].identifier
    patch = _Patch(world, ticket, login, whole_array, hidden_field)
    steps = [step for operation in operations for step in patch.steps(operation)]

    def all_steps(changed: Ticket) -> None:
        for step in steps:
            step(changed)

    world.touch(ticket, login, all_steps)


class _Patch:
    def __init__(self, world: World, ticket: Ticket, login: str, whole_array: bool, hidden: str) -> None:
        self.world, self.ticket, self.login = world, ticket, login
        self.whole_array, self.hidden = whole_array, hidden

    def steps(self, operation: Any) -> list[Step]:
        if not isinstance(operation, dict) or operation.get("op") not in _OPS:
            raise self._refuse("op", f"op must be one of {', '.join(_OPS)}")
        path = operation.get("path")
        if not isinstance(path, str) or not path.strip("/"):
            raise self._refuse("path", "path is required")
        head, *rest = path.strip("/").split("/")
        name = head.casefold()
        value = operation.get("value")
        if name == "customfields":
            if operation["op"] == "remove" or rest:
                raise self._refuse("customFields", "customFields can only be replaced as an array")
            return [self._custom_fields(value)]
        if name in _REFERENCES:
            return [] if rest else [self._reference(name, value)]
        if name == "summary":
            return [self._summary(value)]
        if name in _IGNORED:
            return []
        if name in _READ_ONLY:
            raise self._refuse(head, f"{head} is read only")
        raise self._refuse(head, f"Could not find the property '{head}'")

    def _refuse(self, field: str, message: str) -> ApiError:
        return invalid("ticket", ("InvalidField", message, field))

    def _summary(self, value: Any) -> Step:
        if not isinstance(value, str) or not 0 < len(value) <= 100:
            raise self._refuse("summary", "summary must have 1 to 100 characters")

        def step(changed: Ticket) -> None:
            changed.summary = value

        return step

    def _reference(self, name: str, value: Any) -> Step:
        """A whole object with an id, or a name or identifier, of something that exists."""
        world = self.world
        known: dict[str, dict[int, Any]] = {
            "status": {s.id: s for s in world.boards[self.ticket.board].statuses},
            "priority": world.priorities,
            "owner": world.members,
            "board": world.boards,
            "company": world.companies,
            "contact": world.contacts,
            "type": dict(people.TYPES),
        }
        table = known[name]
        if name in ("owner", "contact") and value is None:
            return lambda changed: setattr(changed, name, None)
        given = value if isinstance(value, dict) else {}
        wanted = {str(given[key]).casefold() for key in ("id", "name", "identifier") if key in given}
        for record_id, record in table.items():
            labels = {str(record_id), str(getattr(record, "name", record)).casefold()}
            labels.add(str(getattr(record, "identifier", record_id)).casefold())
            if wanted and wanted <= labels:
                return self._set(name, record_id)
        raise self._refuse(name, f"{name} {value!r} not found"[:200])

    def _set(self, name: str, record_id: int) -> Step:
        if name != "status":
            return lambda changed: setattr(changed, name, record_id)
        return self.world.moving(self.world.statuses[record_id], self.login)

    def _custom_fields(self, value: Any) -> Step:
        given = custom_values(self.world, value, "ticket", self.hidden)

        def step(changed: Ticket) -> None:
            old = changed.values or {}
            new = {**({} if self.whole_array and given else old), **given}
            changed.values = {key: item for key, item in new.items() if item is not None} or None
            for field_id in sorted(old.keys() | new.keys()):
                before, after = old.get(field_id), new.get(field_id)
                if before != after:
                    caption = self.world.fields[field_id].caption
                    now = self.world.now()
                    self.world.writes.append(Write(now, changed.id, caption, before, after, self.login))

        return step


def custom_values(world: World, given: Any, on: str, hidden: str) -> dict[int, Value]:
    """The values of a `customFields` array by field; ApiError 400 for what does not fit."""

    def refuse(message: str) -> ApiError:
        return invalid(on, ("InvalidField", message, "customFields"))

    if not isinstance(given, list):
        raise refuse("customFields must be an array")
    found: dict[int, Value] = {}
    for item in given:
        field = world.fields.get(item.get("id", 0)) if isinstance(item, dict) else None
        if field is None or field.on != on or field.caption == hidden:
            raise refuse("A custom field of that id does not exist")
        value: Value = item.get("value")
        if value is not None and not _fits(field, value):
            raise refuse(f"{field.caption}: not a {field.type} value")
        found[field.id] = value
    return found


def _fits(field: Field, value: Any) -> bool:
    if field.type == "Checkbox":
        return isinstance(value, bool)
    if field.type == "Number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return field.type == "Text" and isinstance(value, str) and (not field.options or value in field.options)
