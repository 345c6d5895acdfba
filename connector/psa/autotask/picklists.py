"""Picklists: a ticket carries numbers, people and rules speak labels.

The values come as text and the fields as numbers (facts §9), so they are compared as text. Order is the
list's own, never the number's: priority 4 may be the highest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.psa.values import Json, number, text


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a picklist."""

    value: str
    label: str
    order: float = 0.0
    active: bool = True


@dataclass(frozen=True, slots=True)
class Picklists:
    """The picklists of one entity by field name, which is compared without regard to case."""

    lists: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)

    def label(self, row: Json, name: str) -> str:
        """The label of a row's field; the bare number where the list does not have it, '' if it is empty."""
        value = text(row, name)
        found = next((c.label for c in self.lists.get(name.casefold(), ()) if c.value == value), value)
        return found if value else ""

    def lacks(self, row: Json, names: Iterable[str]) -> bool:
        """Whether a row has a value in one of these fields that its list does not have."""
        return any(
            (value := text(row, name)) and all(c.value != value for c in self.lists.get(name.casefold(), ()))
            for name in names
        )

    def numbers(self, name: str) -> list[tuple[str, int]]:
        """The active choices of a field as (label, number)."""
        active = [choice for choice in self.lists.get(name.casefold(), ()) if choice.active]
        return [(choice.label, int(choice.value)) for choice in active if choice.value.isdecimal()]

    def labels(self, name: str) -> tuple[str, ...]:
        """The active labels of a field, in the list's order."""
        listed = sorted(self.lists.get(name.casefold(), ()), key=lambda choice: choice.order)
        return tuple(dict.fromkeys(choice.label for choice in listed if choice.active))


def picklists(fields: Iterable[Any]) -> Picklists:
    """The picklists in the rows of `entityInformation/fields`."""
    return Picklists(
        {
            text(row, "name").casefold(): choices(row)
            for row in fields
            if isinstance(row, Mapping) and row.get("isPickList") is True
        }
    )


def choices(row: Json) -> tuple[Choice, ...]:
    """The values of one field."""
    listed = row.get("picklistValues")
    rows = [item for item in listed if isinstance(item, Mapping)] if isinstance(listed, list) else []
    return tuple(
        Choice(text(r, "value"), text(r, "label"), number(r, "sortOrder"), r.get("isActive") is not False)
        for r in rows
    )
