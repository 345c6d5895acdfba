"""An Autotask entity as a table of fields: what can be read of a record, filtered by and picked from.

Lists, single records, filters and `entityInformation` all come from the same fields, so they cannot
disagree. Only the fields a filter names are read of the records it looks at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pick:
    """A value of a picklist: on the wire a text here, a number in the records."""

    value: int | str
    label: str
    active: bool = True
    system: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """`kind`: integer, long, double, string, datetime or boolean. `picks` may be asked for when needed."""

    name: str
    kind: str = "integer"
    read: Callable[[Any], Any] = lambda _row: None
    picks: Callable[[], Sequence[Pick]] = tuple
    refers: str = ""
    queryable: bool = True
    read_only: bool = True
    required: bool = False
    length: int = 0
    webhook: bool = False


REFERENCE = "reference"
"""The kind of a user-defined field that names another record: the API shows it and takes no value for it."""


@dataclass(frozen=True, slots=True)
class Udf:
    """A user-defined field. `kind` is string, double or `REFERENCE`; `number` is for webhooks."""

    number: int
    name: str
    kind: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hints:
    """What a filter says that spares looking at every record: all of it is also filtered by."""

    after: int = -1
    since: datetime | None = None
    tickets: frozenset[int] | None = None


@dataclass(frozen=True)
class Entity:
    """`rows` gives records in the order of id, at least all that fit the hints.

    `stamps` are fields that are never later than a record's last change.
    """

    name: str
    singular: str
    fields: Mapping[str, Field]
    rows: Callable[[Hints], Iterable[Any]]
    get: Callable[[int], Any]
    udfs: Callable[[], Sequence[Udf]] = tuple
    udf_value: Callable[[Any, Udf], str | None] = lambda _row, _udf: None
    stamps: frozenset[str] = frozenset()
    finish: Callable[[Json], Any] = lambda record: record
    can: frozenset[str] = frozenset()

    def find(self, name: str) -> Field | None:
        """A field by its name, whatever its case."""
        return self.fields.get(name.casefold())


def fields(*every: Field) -> dict[str, Field]:
    return {one.name.casefold(): one for one in every}


def blank(kind: str, names: str, value: Any = None) -> list[Field]:
    """Fields that the pretend MSP never fills."""
    return [Field(name, kind, lambda _row: value) for name in names.split()]


def wire(value: Any) -> Any:
    """As it is sent: times in UTC with a Z."""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
    return value


def table(name: str, singular: str, every: Sequence[Field], rows: Callable[[], Sequence[Any]]) -> Entity:
    """A small entity, all of whose records are at hand."""

    named = fields(*every)
    number = named["id"].read

    def ordered(hints: Hints) -> list[Any]:
        return sorted((row for row in rows() if number(row) > hints.after), key=number)

    def get(row_id: int) -> Any:
        return next((row for row in rows() if number(row) == row_id), None)

    return Entity(name, singular, named, ordered, get)


def record_of(entity: Entity, row: Any, only: Sequence[Field] | None = None) -> Json:
    """A record as JSON, without its user-defined fields; `only` these, the others are absent."""
    return {one.name: wire(one.read(row)) for one in only or entity.fields.values()}


def udfs_of(entity: Entity, row: Any) -> list[Json]:
    return [{"name": one.name, "value": entity.udf_value(row, one)} for one in entity.udfs()]
