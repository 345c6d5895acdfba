"""PATCH of a company: its custom fields, as an array that stands for all of them or only for its own."""

from __future__ import annotations

from connector.simulator.connectwise import setup
from connector.simulator.connectwise.desk import Desk
from connector.simulator.connectwise.errors import expected, invalid, not_found
from connector.simulator.connectwise.patch import custom_values
from connector.simulator.marking import set_company_fields
from connector.simulator.records import Value
from connector.simulator.web import Ask, Reply


class CompanyEndpoints:
    def __init__(self, desk: Desk) -> None:
        self.desk, self.world, self.faults = desk, desk.world, desk.faults
        desk.routes.add("PATCH", "/company/companies/{id}", self._patch)

    def _patch(self, ask: Ask) -> Reply:
        number, operations = ask.ids[0], ask.json()
        if number not in self.world.companies:
            raise not_found("Company", number)
        if not isinstance(operations, list):
            raise expected("array of operations")
        values: dict[int, Value] = {}
        for one in operations:
            if not isinstance(one, dict) or str(one.get("path", "")).strip("/").casefold() != "customfields":
                raise invalid("company", ("InvalidField", "only customFields can be changed here", "path"))
            values |= custom_values(self.world, one.get("value"), "company", self.faults.missing_field)
        if self.faults.whole_array_customfields and values:
            old = self.world.companies[number].values
            values = {**dict.fromkeys(old, None), **values}
        set_company_fields(self.world, number, values, self.desk.login(ask))
        return Reply.of(next(row for row in setup.companies(self.desk.shapes) if row["id"] == number))
