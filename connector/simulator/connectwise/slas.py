"""SLAs as ConnectWise shows them: the SLA, its rows by priority, and the agreements that name one."""

from __future__ import annotations

from connector.simulator.connectwise.setup import INFO, reference
from connector.simulator.connectwise.shapes import Json, Shapes
from connector.simulator.slasetup import Terms

AGREEMENT = ("id", "name", "type", "company", "contact", "sla", "agreementStatus", "cancelledFlag", "_info")


def sla(terms: Terms, shapes: Shapes) -> Json:
    """Its own hours, which hold for a priority without a row, are none."""
    calendar = shapes.world.calendars.get(terms.calendar or 0)
    counted = (
        {"basedOn": "Custom", "customCalendar": reference(calendar)} if calendar else {"basedOn": "AllHours"}
    )
    return {
        "id": terms.id,
        "name": terms.name,
        **counted,
        "defaultFlag": terms.default,
        "respondHours": 0.0,
        "planWithin": 0.0,
        "resolutionHours": 0.0,
        "_info": INFO,
    }


def sla_priorities(terms: Terms, shapes: Shapes) -> list[Json]:
    return [
        {
            "id": priority,
            "priority": shapes.priorities[priority],
            "respondHours": respond / 60,
            "planWithin": plan / 60,
            "resolutionHours": resolve / 60,
            "sla": {"id": terms.id, "name": terms.name},
            "_info": INFO,
        }
        for priority, (respond, plan, resolve) in terms.promises.items()
    ]


def agreements(shapes: Shapes) -> list[Json]:
    """One for each company; it names an SLA where one was agreed on."""
    agreed, names = shapes.world.set_up.sla_of, {one.id: one.name for one in shapes.world.set_up.slas}
    return [
        {
            "id": company.id,
            "name": f"Managed services {company.name}",
            "type": {"id": 1, "name": "Managed services"},
            "company": shapes.companies[company.id],
            "contact": _contact(shapes, company.id),
            **(
                {"sla": {"id": agreed[company.id], "name": names[agreed[company.id]]}}
                if company.id in agreed
                else {}
            ),
            "agreementStatus": "Active",
            "cancelledFlag": False,
            "_info": INFO,
        }
        for company in shapes.world.companies.values()
    ]


def _contact(shapes: Shapes, company: int) -> Json:
    first = shapes.world.contacts_of(company)[0]
    return {"id": first.id, "name": first.name}
