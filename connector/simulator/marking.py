"""What every dialect does with the fields of a company: kept, and remembered as a write."""

from __future__ import annotations

from collections.abc import Mapping

from connector.simulator.records import CompanyWrite, Value
from connector.simulator.world import World


def set_company_fields(world: World, company: int, values: Mapping[int, Value], login: str) -> None:
    """Set these fields of a company, by number, and leave the others; None empties one."""
    record = world.companies[company]
    for number, new in sorted(values.items()):
        old = record.values.get(number)
        if old != new:
            caption = world.fields[number].caption
            world.company_writes.append(CompanyWrite(world.now(), company, caption, old, new, login))
    merged = {**record.values, **values}
    record.values = {number: value for number, value in merged.items() if value is not None}


def company_field(world: World, company: str, caption: str) -> Value:
    """What stands in the field of this caption on the company of this name."""
    field = next(f for f in world.fields.values() if f.on == "company" and f.caption == caption)
    return world.company_by_name(company).values.get(field.id)
