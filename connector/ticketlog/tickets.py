"""Tickets as JSON and back: what is known of a ticket itself, and with it the facts of its line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.model import Event, PsaVerdict, Ticket, Timeline
from connector.ticketlog.events import event_from_json, rating_from_json
from connector.ticketlog.values import Json, instant, iso, maybe_instant, object_of, text_of


def _verdict_from_json(body: Mapping[str, Any]) -> PsaVerdict:
    says = object_of(body.get("psa") or {}, "psa")
    met = says.get("sla_met", body.get("made_sla"))
    return PsaVerdict(
        response_at=maybe_instant(says, "response_at"),
        resplan_at=maybe_instant(says, "resplan_at"),
        resolved_at=maybe_instant(says, "resolved_at"),
        sla_met=met if isinstance(met, bool) else None,
        text=text_of(says, "text"),
    )


def verdict_to_json(says: PsaVerdict) -> Json:
    """What the PSA says of its own SLA; null for what it does not say."""
    return {
        "response_at": iso(says.response_at),
        "resplan_at": iso(says.resplan_at),
        "resolved_at": iso(says.resolved_at),
        "sla_met": says.sla_met,
        "text": says.text,
    }


def ticket_from_json(value: object) -> tuple[Ticket, Timeline]:
    """A ticket and its events in the order of the log, ratings last. ValueError when it is not one."""
    body = object_of(value, "ticket")
    ticket_id = text_of(body, "id")
    if not ticket_id:
        raise ValueError("id: a ticket needs one")
    timeline = _timeline(body)
    closed_at = maybe_instant(body, "closed_at")
    return Ticket(
        id=ticket_id,
        client=text_of(body, "client"),
        client_id=text_of(body, "client_id"),
        opened_at=instant(body.get("opened_at"), "opened_at"),
        summary=text_of(body, "summary"),
        priority=text_of(body, "priority"),
        type=text_of(body, "type"),
        status=text_of(body, "status"),
        group=text_of(body, "group"),
        owner=text_of(body, "owner"),
        contact=text_of(body, "contact"),
        resolved_at=maybe_instant(body, "resolved_at"),
        closed_at=closed_at,
        closed=bool(body.get("closed", closed_at is not None)),
        url=text_of(body, "url"),
        parent=text_of(body, "parent"),
        merged_into=text_of(body, "merged_into"),
        psa=_verdict_from_json(body),
    ), timeline


def _timeline(body: Mapping[str, Any]) -> Timeline:
    events = body.get("events") or []
    ratings = body.get("ratings") or []
    if not isinstance(events, list) or not isinstance(ratings, list):
        raise ValueError("events, ratings: expected lists")
    timeline: list[Event] = []
    for index, item in enumerate(events):
        try:
            timeline.append(event_from_json(item))
        except ValueError as error:
            raise ValueError(f"events[{index}].{error}") from None
    for index, item in enumerate(ratings):
        try:
            timeline.append(rating_from_json(object_of(item, "rating")))
        except ValueError as error:
            raise ValueError(f"ratings[{index}].{error}") from None
    return tuple(timeline)


def ticket_to_json(ticket: Ticket) -> Json:
    """The ticket without its events; empty fields are left out."""
    body: Json = {
        "id": ticket.id,
        "client": ticket.client,
        "client_id": ticket.client_id,
        "opened_at": iso(ticket.opened_at),
        "summary": ticket.summary,
        "priority": ticket.priority,
        "type": ticket.type,
        "status": ticket.status,
        "group": ticket.group,
        "owner": ticket.owner,
        "contact": ticket.contact,
        "resolved_at": iso(ticket.resolved_at),
        "closed_at": iso(ticket.closed_at),
        "closed": ticket.closed or None,
        "url": ticket.url,
        "parent": ticket.parent,
        "merged_into": ticket.merged_into,
    }
    if ticket.psa != PsaVerdict():
        body["psa"] = {k: v for k, v in verdict_to_json(ticket.psa).items() if v not in (None, "")}
    return {key: value for key, value in body.items() if value not in (None, "")}
