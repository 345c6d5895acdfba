"""Endpoints of time entries, appointments, survey results and the audit trail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connector.simulator import people
from connector.simulator.connectwise.conditions import Stamp
from connector.simulator.connectwise.desk import Desk, body_object, named
from connector.simulator.connectwise.errors import ApiError, invalid, not_found
from connector.simulator.connectwise.find import Listing
from connector.simulator.connectwise.paging import project
from connector.simulator.connectwise.readers import time_readers
from connector.simulator.connectwise.shapes import Json, iso
from connector.simulator.web import Ask, Reply

_TIME_NAMES = [
    "id",
    "company",
    "chargeToId",
    "chargeToType",
    "member",
    "workType",
    "timeStart",
    "timeEnd",
    "actualHours",
    "billableOption",
    "notes",
    "internalNotes",
    "addToDetailDescriptionFlag",
    "addToInternalAnalysisFlag",
    "addToResolutionFlag",
    "emailContactFlag",
    "emailResourceFlag",
    "emailCcFlag",
    "enteredBy",
    "dateEntered",
    "status",
    "ticket",
]
_SCHEDULE_NAMES = [
    "id",
    "objectId",
    "name",
    "member",
    "dateStart",
    "dateEnd",
    "type",
    "status",
    "doneFlag",
    "hours",
]
_ANSWER_NAMES = [
    "id",
    "ticketId",
    "surveyId",
    "contactMeFlag",
    "totalPoints",
    "results",
    "contact",
    "emailAddress",
    "company",
]
_TRAIL_NAMES = ["text", "enteredDate", "enteredBy", "auditType", "auditSubType", "auditSource"]


class WorkEndpoints:
    def __init__(self, desk: Desk) -> None:
        self.desk, self.world, self.shapes = desk, desk.world, desk.shapes
        world, shapes = self.world, self.shapes
        index = {"chargeToId": world.logs}
        self.times = Listing(world.work_logs, shapes.time_entry, _TIME_NAMES, time_readers(world), index)
        self._add()

    def _add(self) -> None:
        world, shapes, add = self.world, self.shapes, self.desk.routes.add
        self.desk.listing("/time/entries", self.times)
        add("GET", "/time/entries/{id}", self._show_time)
        add("POST", "/time/entries", self._log_time)
        stamps = {"lastUpdated": lambda row: Stamp(iso(row.updated_at)), "id": lambda row: row.id}
        self.desk.listing(
            "/schedule/entries", Listing(world.appointments, shapes.schedule_entry, _SCHEDULE_NAMES, stamps)
        )
        self.desk.listing(
            "/service/surveys/{id}/results", Listing(world.answers, shapes.answer, _ANSWER_NAMES, stamps)
        )
        add("POST", "/service/surveys/{id}/results", self._rate)
        self.desk.listing("/system/audittrail", self._trail)

    def _show_time(self, ask: Ask) -> Reply:
        log = self.world.work_logs.by_id.get(ask.ids[0])
        if log is None:
            raise not_found("TimeEntry", ask.ids[0])
        return Reply.of(project(self.shapes.time_entry(log), ask, self.times))

    def _log_time(self, ask: Ask) -> Reply:
        given, world = body_object(ask), self.world
        ticket = given.get("chargeToId")
        if not given.get("timeStart"):
            problem = ("MissingRequiredField", "The timeStart field is required.", "timeStart")
            raise invalid("timeEntry", problem)
        if ticket not in world.tickets.by_id:
            raise invalid("timeEntry", ("InvalidField", "chargeToId not found", "chargeToId"))
        try:
            start, end = _span(given)
            logins = {m.id: m.identifier for m in world.members.values()}
            made = world.log_time(
                ticket,
                member=named(given, "member", logins, self.desk.login(ask)),
                minutes=(end - start).total_seconds() / 60,
                text=str(given.get("notes") or ""),
                work_type=named(given, "workType", people.WORK_TYPES, "Remote"),
                visible=bool(given.get("addToDetailDescriptionFlag")),
                internal=str(given.get("internalNotes") or ""),
                end=end,
            )
        except (TypeError, ValueError) as error:
            raise invalid("timeEntry", ("InvalidField", str(error), "timeEntry")) from error
        return Reply.of(self.shapes.time_entry(world.work_logs.by_id[made]), 201)

    def _rate(self, ask: Ask) -> Reply:
        """A survey result: the answer to question 1 is the index of its option."""
        given = body_object(ask)
        ticket = given.get("ticketId")
        answers = {item.get("questionId"): item.get("answer") for item in given.get("results") or ()}
        if ticket not in self.world.tickets.by_id:
            raise invalid("surveyResult", ("InvalidField", "ticketId not found", "ticketId"))
        try:
            made = self.world.rate(ticket, int(answers.get(1, -1)) + 1, str(answers.get(2) or ""))
        except (TypeError, ValueError) as error:
            raise invalid("surveyResult", ("InvalidField", str(error), "results")) from error
        return Reply.of(self.shapes.answer(self.world.answers.by_id[made]), 201)

    def _trail(self, ask: Ask) -> Listing:
        """`type` and `id` are query parameters here, not conditions; only Ticket is kept."""
        wanted = ask.query.get("id", "")
        if not ask.query.get("type"):
            raise ApiError(400, {"code": "InvalidField", "message": "type is required", "errors": None})
        lines = [
            {
                "text": line.text,
                "enteredDate": iso(line.at),
                "enteredBy": line.by,
                "auditType": line.kind,
                "auditSubType": line.what,
                "auditSource": "CSR",
            }
            for line in self.world.trail
            if ask.query["type"] == "Ticket" and str(line.ticket) == wanted
        ]
        return Listing(lambda: lines, lambda row: row, _TRAIL_NAMES, pageable_forward=False)


def _span(given: Json) -> tuple[datetime, datetime]:
    """When the work was done; without an end it lasted `actualHours`, or a quarter of an hour."""
    start = datetime.fromisoformat(str(given["timeStart"])).astimezone(UTC)
    if given.get("timeEnd"):
        return start, datetime.fromisoformat(str(given["timeEnd"])).astimezone(UTC)
    return start, start + timedelta(hours=float(given.get("actualHours") or 0.25))
