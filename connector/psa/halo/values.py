"""What is Halo's own in its values: hours as decimals, references as numbers or texts, dates in queries.

Dates are UTC without a mark, with no to seven digits of a second; years long past mean "not set", which
the shared reading of dates leaves out anyway. Source: facts §4.
"""

from __future__ import annotations

from datetime import UTC, datetime

from connector.psa.values import Json, Unreadable, instant, is_id, number


def ident(row: Json, name: str) -> int:
    """A reference to another record, a number or the same as text; 0 if there is none."""
    found = row.get(name)
    if isinstance(found, str) and is_id(found):
        found = int(found)
    return found if type(found) is int and found > 0 else 0


def is_record(value: str) -> bool:
    """Whether this can be the id of a record: number 0 is none, and to write to it makes a new one."""
    return is_id(value) and int(value) > 0


def key(row: Json, name: str = "id") -> int:
    """The number that identifies the row. Unreadable if it has none."""
    found = ident(row, name)
    if not found:
        raise Unreadable(f"{name}: a positive number was expected, not {row.get(name)!r:.40}")
    return found


def minutes(row: Json, *names: str) -> float:
    """Minutes of the first of these fields that holds decimal hours above nothing."""
    hours = next((found for name in names if (found := number(row, name)) > 0), 0.0)
    return round(hours * 60, 2)


def first_date(row: Json, *names: str) -> datetime:
    """The first of these dates that is set. Unreadable if there is none."""
    for name in names:
        at = instant(row, name)
        if at is not None:
            return at
    seen = ", ".join(f"{name}={row.get(name)!r:.30}" for name in names)
    raise Unreadable(f"no possible date in {seen}")


def stamp(at: datetime) -> str:
    """An instant as Halo takes it in a query: UTC, whole seconds, without a mark."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
