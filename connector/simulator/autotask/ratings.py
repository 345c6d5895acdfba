"""What customers thought, and what the PSA thinks of its own promises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from connector.simulator import people
from connector.simulator.autotask.entity import Entity, Field, Hints, fields, table
from connector.simulator.autotask.tickets import Desk


def ratings(desk: Desk) -> list[Entity]:
    return [*_surveys(desk), _results(desk)]


def _surveys(desk: Desk) -> list[Entity]:
    """Survey answers are numbers without comments; clicks on the thermometer are not among them."""
    world = desk.world

    def answers() -> list[Any]:
        return [answer for answer in world.answers.after(0) if not answer.thermometer]

    def of_ticket(name: str) -> Any:
        def read(answer: Any) -> int | None:
            ticket = world.tickets.by_id.get(answer.ticket)
            return getattr(ticket, name) if ticket else None

        return read

    survey = [
        Field("id", "long", lambda _one: 1),
        Field("name", "string", lambda one: one, length=100),
        Field("displayName", "string", lambda one: one, length=100),
        Field("description", "string", lambda _one: ""),
    ]
    results = [
        Field("id", "long", lambda answer: answer.id),
        Field("surveyID", read=lambda _answer: 1, refers="Survey"),
        Field("ticketID", read=lambda answer: answer.ticket, refers="Ticket"),
        Field("companyID", read=of_ticket("company"), refers="Company"),
        Field("contactID", read=of_ticket("contact"), refers="Contact"),
        Field("sendDate", "datetime", lambda answer: answer.updated_at - timedelta(hours=1)),
        Field("completeDate", "datetime", lambda answer: answer.updated_at),
        *(
            Field(f"{what}Rating", "double", lambda answer: float(answer.score))
            for what in ("survey", "company", "contact", "resource")
        ),
    ]
    return [
        table("Surveys", "Survey", survey, lambda: [people.SURVEY]),
        table("SurveyResults", "SurveyResults", results, answers),
    ]


def _results(desk: Desk) -> Entity:
    """What the PSA thinks of its own promises, ticket by ticket; hours are working hours."""
    n, world = desk.names, desk.world

    def ticket_rows(hints: Hints) -> Iterator[Any]:
        if hints.tickets is None:
            yield from world.tickets.after(hints.after)
            return
        for one in sorted(hints.tickets):
            if one in world.tickets.by_id and one > hints.after:
                yield world.tickets.by_id[one]

    def hours(*parts: str) -> Any:
        return lambda t: round(sum(getattr(t.sla, part) for part in parts) / 60, 4)

    def met(parts: tuple[str, ...], promise: str, done: str) -> Any:
        def read(ticket: Any) -> bool | None:
            if getattr(ticket.sla, done) is None:
                return None
            spent = sum(getattr(ticket.sla, part) for part in parts)
            return bool(spent <= getattr(world.priorities[ticket.priority], promise))

        return read

    first = ("respond_min", "respond_skipped")
    plan = ("respond_min", "plan_min", "plan_skipped")
    solve = ("respond_min", "plan_min", "resolve_min")
    every = [
        Field("id", "long", lambda t: t.id),
        Field("ticketID", read=lambda t: t.id, refers="Ticket"),
        Field("serviceLevelAgreementName", "string", lambda _t: desk.world.set_up.slas[0].name),
        Field("firstResponseElapsedHours", "double", hours(*first)),
        Field("resolutionPlanElapsedHours", "double", hours(*plan)),
        Field("resolutionElapsedHours", "double", hours(*solve)),
        Field("isFirstResponseMet", "boolean", met(first, "respond", "responded_at")),
        Field("isResolutionPlanMet", "boolean", met(plan, "plan", "planned_at")),
        Field("isResolutionMet", "boolean", met(solve, "resolve", "resolved_at")),
        Field("firstResponseResourceID", read=lambda t: n.resource(t.owner)),
        Field("resolutionPlanResourceID", read=lambda t: n.resource(t.owner)),
        Field("resolutionResourceID", read=lambda t: n.resource(t.owner)),
        Field("firstResponseInitiatingResourceID", read=lambda t: n.resource_of(t.sla.responded_by)),
    ]
    name = "ServiceLevelAgreementResults"
    return Entity(name, name, fields(*every), ticket_rows, world.tickets.by_id.get)
