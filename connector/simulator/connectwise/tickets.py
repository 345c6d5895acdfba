"""Ticket endpoints: lists, one ticket, its notes, and what writes do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from connector.simulator import people
from connector.simulator.connectwise.desk import Desk, body_object, finished, named
from connector.simulator.connectwise.errors import invalid, no_endpoint, not_found
from connector.simulator.connectwise.find import Listing
from connector.simulator.connectwise.paging import page, project
from connector.simulator.connectwise.patch import apply_patch
from connector.simulator.connectwise.readers import ticket_readers
from connector.simulator.connectwise.shapes import TICKET_NAMES, Json, iso
from connector.simulator.faults import nested
from connector.simulator.records import Ticket
from connector.simulator.web import Ask, Reply

_NOTE_NAMES = [
    "id",
    "ticketId",
    "text",
    "detailDescriptionFlag",
    "internalAnalysisFlag",
    "resolutionFlag",
    "issueFlag",
    "member",
    "contact",
    "customerUpdatedFlag",
    "dateCreated",
    "createdBy",
    "internalFlag",
    "externalFlag",
]
_ALL_NOTE_NAMES = [
    "id",
    "ticket",
    "text",
    "isMarkdownFlag",
    "detailDescriptionFlag",
    "internalAnalysisFlag",
    "resolutionFlag",
    "timeStart",
    "timeEnd",
    "bundledFlag",
    "mergedFlag",
    "issueFlag",
    "createdByParentFlag",
    "member",
    "contact",
]


class TicketEndpoints:
    def __init__(self, desk: Desk) -> None:
        self.desk, self.world, self.shapes, self.faults = desk, desk.world, desk.shapes, desk.faults
        self.tickets = Listing(
            self.world.tickets, self.shapes.ticket, TICKET_NAMES, ticket_readers(self.world)
        )
        self.tickets.finish = self._maybe_broken
        self._add()

    def _add(self) -> None:
        add, one = self.desk.routes.add, "/service/tickets/{id}"
        self.desk.listing("/service/tickets", self.tickets)
        add("POST", "/service/tickets", self._open_ticket)
        add("POST", "/service/tickets/search", self._search)
        live = Listing(
            self.world.tickets, lambda t: self.shapes.ticket(t, True), TICKET_NAMES, self.tickets.fast
        )
        add("GET", "/service/tickets/calculateSla", lambda ask: page(ask, live, self.desk.finder(live, ask)))
        add("GET", one, lambda ask: self._show(self._ticket(ask), ask))
        add("PATCH", one, self._patch_ticket)
        add("DELETE", one, self._delete_ticket)
        self.desk.listing(f"{one}/notes", self._notes)
        add("POST", f"{one}/notes", self._post_note)
        self.desk.listing(f"{one}/allNotes", self._all_notes)
        self.desk.listing(f"{one}/timeentries", self._time_references)

    def _ticket(self, ask: Ask) -> Ticket:
        ticket = self.world.tickets.by_id.get(ask.ids[0])
        if ticket is None:
            raise not_found("Ticket", ask.ids[0])
        return ticket

    def _show(self, ticket: Ticket, ask: Ask, status: int = 200) -> Reply:
        record = project(self.shapes.ticket(ticket, live=True), ask, self.tickets)
        return Reply.of(self._maybe_broken(record), status)

    def _maybe_broken(self, record: Json) -> Any:
        kind = self.faults.malformed.get(record.get("id", 0))
        if kind == "not-an-object":
            return "System.NullReferenceException: Object reference not set to an instance of an object."
        if kind == "no-id":
            return {name: value for name, value in record.items() if name != "id"}
        if kind == "no-status":
            return {name: value for name, value in record.items() if name != "status"}
        if kind == "too-deep":
            return nested(record)
        if kind == "dates":
            return {**record, "_info": {**record.get("_info", {}), "dateEntered": "2026-02-31T25:61:00Z"}}
        return record

    def _open_ticket(self, ask: Ask) -> Reply:
        given, world = body_object(ask), self.world
        for name in ("summary", "company"):
            if not given.get(name):
                problem = ("MissingRequiredField", f"The {name} field is required.", name)
                raise invalid("ticket", problem)
        internal = str(given.get("initialInternalAnalysis") or "")
        try:
            dress = self._dressing(given)
            company = named(given, "company", {c.id: c.name for c in world.companies.values()})
            ticket = world.open_ticket(
                company,
                str(given["summary"])[:100],
                text=str(given.get("initialDescription") or ""),
                priority=named(
                    given, "priority", {p.id: p.name for p in world.priorities.values()}, "P3 Medium"
                ),
                board=named(given, "board", {b.id: b.name for b in world.boards.values()}, "Service Desk"),
                type=named(given, "type", people.TYPES, "Incident"),
                by=self.desk.login(ask),
                status=named(given, "status", {s.id: s.name for s in world.statuses.values()}, "New"),
                dress=dress,
            )
        except ValueError as error:
            raise invalid("ticket", ("InvalidField", str(error), "ticket")) from error
        if internal:
            world.post(ticket, self.desk.login(ask), internal, visible=False)
        return self._show(world.ticket(ticket), ask, 201)

    def _dressing(self, given: Json) -> Callable[[Ticket], None]:
        """Who it is about and for, until when, and below which ticket: nobody and nothing unless told."""
        contact, owner, parent = given.get("contact"), given.get("owner"), given.get("parentTicketId")
        if parent is not None and parent not in self.world.tickets.by_id:
            raise ValueError(f"parentTicketId {parent} not found")
        logins = {m.id: m.identifier for m in self.world.members.values()}
        names = {c.id: str(c.id) for c in self.world.contacts.values()}
        person = named(given, "contact", names) if contact else ""
        member = self.world.member_by_login(named(given, "owner", logins)).id if owner else None
        due = given.get("requiredDate")
        until = datetime.fromisoformat(str(due)) if due else None

        def dress(ticket: Ticket) -> None:
            ticket.contact, ticket.owner = int(person) if person else None, member
            ticket.due, ticket.parent = until, parent

        return dress

    def _search(self, ask: Ask) -> Reply:
        given = body_object(ask)
        return page(ask, self.tickets, self.desk.finder(self.tickets, ask, given), given)

    def _patch_ticket(self, ask: Ask) -> Reply:
        ticket, faults = self._ticket(ask), self.faults
        whole, hidden = faults.whole_array_customfields, faults.missing_field
        apply_patch(self.world, ticket, ask.json(), ask.member, whole, hidden)
        return self._show(ticket, ask)

    def _delete_ticket(self, ask: Ask) -> Reply:
        self.world.delete_ticket(self._ticket(ask).id, self.desk.login(ask))
        return Reply(204)

    def _notes(self, ask: Ask) -> Listing:
        """Notes only: what is written in time entries is not among them."""
        until = self.world.now() - timedelta(seconds=self.faults.stale_lists)
        posts = [post for post in self.world.posts(self._ticket(ask).id) if post.at <= until]
        return finished([self.shapes.note(post) for post in posts], _NOTE_NAMES)

    def _all_notes(self, ask: Ask) -> Listing:
        if self.faults.no_allnotes:
            raise no_endpoint()
        ticket = self._ticket(ask).id
        notes = [self.shapes.any_note(post) for post in self.world.posts(ticket)]
        notes += [self.shapes.time_note(log) for log in self.world.logs(ticket) if log.text]
        return finished(notes, _ALL_NOTE_NAMES)

    def _time_references(self, ask: Ask) -> Listing:
        logs = self.world.logs(self._ticket(ask).id)
        return finished(
            [{"id": log.id, "_info": {"lastUpdated": iso(log.updated_at)}} for log in logs], ["id"]
        )

    def _post_note(self, ask: Ask) -> Reply:
        ticket, given = self._ticket(ask), body_object(ask)
        flags = ("detailDescriptionFlag", "internalAnalysisFlag", "resolutionFlag")
        if not any(given.get(flag) for flag in flags):
            text = "Please choose where to display the notes: Discussion, Internal or Resolution"
            raise invalid("serviceNote", ("InvalidField", text, "detailDescriptionFlag"))
        if not str(given.get("text") or "").strip():
            raise invalid("serviceNote", ("MissingRequiredField", "The text field is required.", "text"))
        visible = bool(given.get("detailDescriptionFlag") or given.get("resolutionFlag"))
        login = self.desk.login(ask)
        made = self.world.post(
            ticket.id, login, str(given["text"]), visible, bool(given.get("resolutionFlag"))
        )
        post = next(post for post in self.world.posts(ticket.id) if post.id == made)
        return Reply.of(self.shapes.note(post), 201)
