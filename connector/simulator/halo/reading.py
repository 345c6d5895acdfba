"""Endpoints that show tickets, their actions, appointments and the customers' feedback."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from connector.simulator.faults import Faults, nested
from connector.simulator.halo import tables
from connector.simulator.halo.actions import Actions, as_html
from connector.simulator.halo.errors import not_found, refused
from connector.simulator.halo.find import TicketFinder
from connector.simulator.halo.paging import DEFAULT, page
from connector.simulator.halo.tickets import TicketShapes, level
from connector.simulator.halo.values import Json, instant, numbers, stamp, truth, whole
from connector.simulator.records import Answer, Appointment, Ticket
from connector.simulator.web import Ask, Reply
from connector.simulator.world import World

_SLA_DATES = ("respondbydate", "responsedate", "responsestartdate", "slaresponsestate", "fixbydate")


class Reading:
    def __init__(self, world: World, shapes: TicketShapes, actions: Actions, faults: Faults) -> None:
        self.world, self.shapes, self.actions, self.faults = world, shapes, actions, faults
        self.finder = TicketFinder(world, shapes, faults)

    # ── tickets ───────────────────────────────────────────────────────────────────────────────

    def tickets(self, ask: Ask) -> Reply:
        found = self.finder.find(ask)
        return page(ask, "tickets", found, lambda ticket: self._row(ticket, ask), self.faults)

    def _row(self, ticket: Ticket, ask: Ask) -> Any:
        query, row = ask.query, self.shapes.row(ticket)
        wanted = {n for n in ("status", "tickettype", "agent") if truth(query.get(f"include{n}", ""))}
        row |= self.shapes.names(ticket, wanted)
        if truth(query.get("excludeslacalcs", "")):
            row = {name: value for name, value in row.items() if name not in _SLA_DATES}
        elif truth(query.get("includeslatimer", "")):
            row |= self.shapes.timers(ticket)
        fields = numbers(query.get("include_custom_fields", ""))
        if fields:
            row["customfields"] = self.shapes.fields(ticket, fields)
        return self._maybe_broken(row)

    def ticket(self, ask: Ask) -> Reply:
        """One ticket; from a cache that may lag behind, unless `nocache` is asked for.

        A deleted one is answered 200, with a body that has no id.
        """
        number = ask.ids[0]
        ticket = self.world.tickets.by_id.get(number)
        if ticket is None:
            if any(gone.ticket.id == number for gone in self.world.gone):
                return Reply.of({"deleted": True, "_warning": "This ticket has been deleted."})
            raise not_found("Ticket", number)
        if not truth(ask.query.get("nocache", "")):
            ticket = self.finder.as_it_was(ticket)
        record = self.shapes.detail(ticket)
        if truth(ask.query.get("include_auditing", "")):
            record["audit_log"] = self.shapes.audit(number)
        if truth(ask.query.get("includedetails", "")):
            record["details_html"] = as_html({"note": record["details"]})
        return Reply.of(self._maybe_broken(record))

    def _maybe_broken(self, row: Json) -> Any:
        kind = self.faults.malformed.get(row["id"])
        if kind == "not-an-object":
            return "System.NullReferenceException: Object reference not set to an instance of an object."
        if kind == "no-id":
            return {name: value for name, value in row.items() if name != "id"}
        if kind == "no-status":
            return {name: value for name, value in row.items() if name != "status_id"}
        if kind == "too-deep":
            return nested(row)
        return {**row, "dateoccurred": "2026-02-31T25:61:00"} if kind == "dates" else row

    # ── actions ───────────────────────────────────────────────────────────────────────────────

    def action_list(self, ask: Ask) -> Reply:
        """A ticket's actions; or, where the server can, those of all tickets between two dates."""
        number = whole(ask.query.get("ticket_id", ""))
        if number is None:
            return self._actions_of_all(ask)
        if number not in self.world.tickets.by_id:
            raise not_found("Ticket", number)
        rows = self._filtered(self.actions.of(number), ask)
        limit = whole(ask.query.get("count", "")) or len(rows)
        return Reply.of({"ticket_id": number, "record_count": len(rows), "actions": rows[:limit]})

    def _actions_of_all(self, ask: Ask) -> Reply:
        if self.faults.no_global_actions:
            raise refused("A Ticket must be selected")
        low = instant(ask.query.get("startdate", "")) or self.world.now() - timedelta(days=1)
        high = instant(ask.query.get("enddate", "")) or self.world.now()
        changed = self.world.tickets.between(*self.world.tickets.updated(low, None))
        rows = [
            row
            for ticket in changed
            for row in self._filtered(self.actions.of(ticket.id), ask)
            if _within(row["datetime"], low, high)
        ]
        limit = whole(ask.query.get("count", "")) or DEFAULT
        return Reply.of({"record_count": len(rows), "actions": rows[:limit]})

    def _filtered(self, rows: list[Json], ask: Ask) -> list[Json]:
        """What is left of these actions by the filters of a request."""
        until = self.world.now() - timedelta(seconds=self.faults.stale_lists)
        tests: dict[str, Callable[[Json], bool]] = {
            "excludesys": lambda row: row["action_systemid"] == 0,
            "agentonly": lambda row: row["who_agentid"] > 0,
            "conversationonly": lambda row: bool(row.get("emaildirection")),
            "excludeprivate": lambda row: not row["hiddenfromuser"],
            "timeentriesonly": lambda row: row["timetaken"] > 0,
            "slaonly": lambda row: tables.WAITING in (row["old_status"], row["new_status"]),
        }
        asked = [test for name, test in tests.items() if truth(ask.query.get(name, ""))]
        kept = [row for row in rows if all(test(row) for test in asked)]
        if self.faults.stale_lists:
            kept = [row for row in kept if _within(row["actiondatecreated"], None, until)]
        return [self._dressed(row, ask) for row in kept]

    def _dressed(self, row: Json, ask: Ask) -> Json:
        """With the HTML that was asked for."""
        out = dict(row)
        if truth(ask.query.get("includehtmlnote", "")):
            out["note_html"] = as_html(row)
        if truth(ask.query.get("includehtmlemail", "")) and row.get("emaildirection"):
            out["emailbody_html"] = as_html(row)
        return out

    def action(self, ask: Ask) -> Reply:
        """One action: its number alone says nothing, `ticket_id` must come with it."""
        number = whole(ask.query.get("ticket_id", ""))
        if number is None or number not in self.world.tickets.by_id:
            raise refused("A Ticket must be selected")
        for row in self.actions.of(number):
            if row["id"] == ask.ids[0]:
                return Reply.of({**row, "note_html": as_html(row)})
        raise not_found("Action", ask.ids[0])

    # ── appointments and feedback ─────────────────────────────────────────────────────────────

    def appointments(self, ask: Ask) -> Reply:
        ticket = whole(ask.query.get("ticket_id", ""))
        low, high = instant(ask.query.get("start_date", "")), instant(ask.query.get("end_date", ""))
        rows = [
            _appointment(one)
            for one in self.world.appointments.after(0)
            if (ticket is None or one.ticket == ticket)
            and (low is None or one.end >= low)
            and (high is None or one.start <= high)
        ]
        return Reply.of(rows)

    def feedback(self, _ask: Ask) -> Reply:
        """Every row there is, whatever is asked: no filter, no pages."""
        return Reply.of([self._rating(answer) for answer in self.world.answers.after(0)])

    def one_feedback(self, ask: Ask) -> Reply:
        answer = self.world.answers.by_id.get(ask.ids[0])
        if answer is None:
            raise not_found("Feedback", ask.ids[0])
        return Reply.of(self._rating(answer))

    def _rating(self, answer: Answer) -> Json:
        """Which column holds the rated ticket varies: always `feedback_faultid`, now and then `ticket_id`."""
        band = level(answer.score)
        row: Json = {
            "id": answer.id,
            "feedback_faultid": answer.ticket,
            "date": stamp(answer.updated_at, answer.id),
            "score": answer.score if self.faults.feedback_high else band,
            "score_band": band,
            "comment": answer.comment,
        }
        return {**row, "ticket_id": answer.ticket} if answer.id % 2 else row


def _appointment(one: Appointment) -> Json:
    return {
        "id": one.id,
        "ticket_id": one.ticket,
        "agent_id": one.member,
        "subject": f"Ticket {one.ticket}",
        "start_date": stamp(one.start, one.id),
        "end_date": stamp(one.end, one.id + 1),
        "allday": False,
    }


def _within(text: str, low: datetime | None, high: datetime) -> bool:
    at = instant(text)
    return at is not None and (low is None or at >= low) and at <= high
