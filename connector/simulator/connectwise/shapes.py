"""Tickets, notes, time and the rest as ConnectWise's JSON.

Absent values are left out, as the cloud does, but every custom field is always listed, with null when
unset. `_info` carries who and when; its hrefs point at a host that is not the API's, as the real
ones do, so that a client which follows them blindly fails.
"""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from connector.simulator import people, sla
from connector.simulator.records import Answer, Appointment, Field, Post, Stage, Ticket, Value, WorkLog
from connector.simulator.world import World

Json = dict[str, Any]

HREF = "https://psa.bright-desk.invalid/v2025_1//apis/3.0"
STAGES: dict[Stage, str] = {
    "open": "NotResponded",
    "responded": "Responded",
    "planned": "ResolutionPlan",
    "resolved": "Resolved",
    "waiting": "NoEscalation",
}
_ALWAYS: Json = {
    "recordType": "ServiceTicket",
    "siteName": "Main",
    "severity": "Medium",
    "impact": "Medium",
    "allowAllClientsPortalView": False,
    "automaticEmailContactFlag": True,
    "automaticEmailResourceFlag": False,
    "automaticEmailCcFlag": False,
    "approved": True,
    "estimatedExpenseCost": 0.0,
    "estimatedExpenseRevenue": 0.0,
    "estimatedProductCost": 0.0,
    "estimatedProductRevenue": 0.0,
    "estimatedTimeCost": 0.0,
    "estimatedTimeRevenue": 0.0,
    "billingMethod": "ActualRates",
    "subBillingMethod": "ActualRates",
    "hasChildTicket": False,
    "billTime": "NoDefault",
    "billExpenses": "NoDefault",
    "billProducts": "NoDefault",
    "requestForChangeFlag": False,
    "escalationLevel": 0,
}
_SOMETIMES = """
id summary board status company contact contactName contactPhoneNumber contactEmailAddress type owner
priority source customerUpdatedFlag closedDate closedBy closedFlag actualHours dateResolved dateResplan
dateResponded resolveMinutes resPlanMinutes respondMinutes respondByGoalUTC resplanGoalUTC
resolutionGoalUTC isInSla resources hasMergedChildTicketFlag mergedParentTicket location department sla
slaStatus integratorTags escalationStartDateUTC minutesBeforeWaiting respondedSkippedMinutes
resplanSkippedMinutes respondedHours respondedBy resplanHours resplanBy resolutionHours resolvedBy
minutesWaiting customFields team subType item requiredDate budgetHours externalXRef poNumber
parentTicketId mobileGuid agreement workRole workType
"""
TICKET_NAMES = (*_ALWAYS, *_SOMETIMES.split())


def iso(at: datetime) -> str:
    """`yyyy-MM-ddTHH:mm:ssZ`: UTC, whole seconds."""
    return at.isoformat()[:19] + "Z"


def field_type(field: Field) -> str:
    """The type of a custom field; one that holds nothing is a button here."""
    return "Button" if field.type == "Other" else field.type


class Shapes:
    """Turns the world's records into JSON; references are built once, they never change."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.hidden_field = ""

    @cached_property
    def boards(self) -> dict[int, Json]:
        return {
            b.id: {"id": b.id, "name": b.name, "_info": {"board_href": f"{HREF}/service/boards/{b.id}"}}
            for b in self.world.boards.values()
        }

    @cached_property
    def statuses(self) -> dict[int, Json]:
        return {
            s.id: {
                "id": s.id,
                "name": s.name,
                "sort": s.id % 20,
                "_info": {"status_href": f"{HREF}/service/boards/{s.board}/statuses/{s.id}"},
            }
            for s in self.world.statuses.values()
        }

    @cached_property
    def priorities(self) -> dict[int, Json]:
        return {
            p.id: {
                "id": p.id,
                "name": p.name,
                "sort": p.id,
                "level": p.level,
                "_info": {"priority_href": f"{HREF}/service/priorities/{p.id}"},
            }
            for p in self.world.priorities.values()
        }

    @cached_property
    def companies(self) -> dict[int, Json]:
        return {
            c.id: {
                "id": c.id,
                "identifier": c.identifier,
                "name": c.name,
                "_info": {"company_href": f"{HREF}/company/companies/{c.id}"},
            }
            for c in self.world.companies.values()
        }

    @cached_property
    def contacts(self) -> dict[int, Json]:
        return {
            c.id: {"id": c.id, "name": c.name, "_info": {"contact_href": f"{HREF}/company/contacts/{c.id}"}}
            for c in self.world.contacts.values()
        }

    @cached_property
    def members(self) -> dict[int, Json]:
        return {
            m.id: {
                "id": m.id,
                "identifier": m.identifier,
                "name": m.name,
                "_info": {"member_href": f"{HREF}/system/members/{m.id}"},
            }
            for m in self.world.members.values()
        }

    def custom_fields(self, values: dict[int, Value] | None, on: str = "ticket") -> list[Json]:
        got = values or {}
        return [
            {
                "id": field.id,
                "caption": field.caption,
                "type": field_type(field),
                "entryMethod": "List" if field.options else "EntryField",
                "numberOfDecimals": 0,
                "value": got.get(field.id),
            }
            for field in self.world.fields.values()
            if field.on == on and field.caption != self.hidden_field
        ]

    def ticket(self, ticket: Ticket, live: bool = False) -> Json:
        """`live`: with the SLA's sums as of now; a list carries them as they were last stored."""
        world = self.world
        status = world.statuses[ticket.status]
        out: Json = {
            "id": ticket.id,
            "summary": ticket.summary,
            **_ALWAYS,
            "board": self.boards[ticket.board],
            "status": self.statuses[ticket.status],
            "company": self.companies[ticket.company],
            "type": {"id": ticket.type, "name": people.TYPES[ticket.type]},
            "priority": self.priorities[ticket.priority],
            "source": {"id": 2, "name": "Email Connector"},
            "location": {"id": 2, "name": "Head Office"},
            "department": {"id": 10, "identifier": "Services", "name": "Professional Services"},
            "customerUpdatedFlag": ticket.customer_updated,
            "closedFlag": status.closed,
            "hasMergedChildTicketFlag": ticket.has_merged,
            "integratorTags": [],
            **self._sla(ticket, live),
            "customFields": self.custom_fields(ticket.values),
        }
        if ticket.contact is not None:
            contact = world.contacts[ticket.contact]
            out["contact"] = self.contacts[contact.id]
            out["contactName"], out["contactEmailAddress"] = contact.name, contact.email
            out["contactPhoneNumber"] = contact.phone
        if ticket.owner is not None:
            out["owner"] = self.members[ticket.owner]
            out["resources"] = self.members[ticket.owner]["identifier"]
        if ticket.closed_at is not None:
            out["closedDate"], out["closedBy"] = iso(ticket.closed_at), ticket.closed_by
        if ticket.due is not None:
            out["requiredDate"] = iso(ticket.due)
        if ticket.parent is not None:
            out["parentTicketId"] = ticket.parent
        if ticket.merged_into is not None:
            out["mergedParentTicket"] = {"id": ticket.merged_into}
        out["_info"] = {
            "lastUpdated": iso(ticket.updated_at),
            "updatedBy": ticket.updated_by,
            "dateEntered": iso(ticket.entered_at),
            "enteredBy": ticket.entered_by,
            "notes_href": f"{HREF}/service/tickets/{ticket.id}/notes",
            "timeentries_href": f"{HREF}/time/entries?conditions=chargeToId={ticket.id}",
        }
        return out

    def _sla(self, ticket: Ticket, live: bool) -> Json:
        book, priority = ticket.sla, self.world.priorities[ticket.priority]
        now = self.world.now() if live else ticket.updated_at
        current = sla.running(book, now)
        out: Json = {
            "sla": {"id": 1, "name": "Standard SLA"},
            "slaStatus": sla.words(book, priority, now),
            "isInSla": sla.in_sla(book, priority, now),
            "respondMinutes": current if book.stage == "open" else book.respond_min,
            "resPlanMinutes": current if book.stage == "responded" else book.plan_min,
            "resolveMinutes": current if book.stage == "planned" else book.resolve_min,
            "respondedSkippedMinutes": book.respond_skipped,
            "resplanSkippedMinutes": book.plan_skipped,
            "respondedHours": priority.respond / 60,
            "resplanHours": priority.plan / 60,
            "resolutionHours": priority.resolve / 60,
            "minutesWaiting": book.waited,
            "escalationStartDateUTC": iso(ticket.entered_at),
        }
        done = (
            ("dateResponded", "respondedBy", book.responded_at, book.responded_by),
            ("dateResplan", "resplanBy", book.planned_at, book.planned_by),
            ("dateResolved", "resolvedBy", book.resolved_at, book.resolved_by),
        )
        for when, who, at, by in done:
            if at is not None:
                out[when], out[who] = iso(at), by
        goals: tuple[tuple[str, Stage], ...] = (
            ("respondByGoalUTC", "open"),
            ("resplanGoalUTC", "responded"),
            ("resolutionGoalUTC", "planned"),
        )
        for name, stage in goals if live else ():
            due = sla.goal(book, priority, stage, now)
            if due is not None:
                out[name] = iso(due)
        return out

    def note(self, post: Post) -> Json:
        out: Json = {
            "id": post.id,
            "ticketId": post.ticket,
            "text": post.text,
            "detailDescriptionFlag": post.visible and not post.resolution,
            "internalAnalysisFlag": not post.visible,
            "resolutionFlag": post.resolution,
            "issueFlag": False,
            "customerUpdatedFlag": post.contact is not None,
            "dateCreated": iso(post.at),
            "createdBy": post.created_by,
            "internalFlag": not post.visible,
            "externalFlag": post.visible,
        }
        self._author(out, post)
        out["_info"] = {"lastUpdated": iso(post.at), "updatedBy": post.created_by}
        return out

    def _author(self, out: Json, post: Post) -> None:
        if post.member is not None:
            out["member"] = self.members[post.member]
        if post.contact is not None:
            out["contact"] = self.contacts[post.contact]

    def any_note(self, post: Post) -> Json:
        """The `allNotes` shape of a note: no dateCreated, no createdBy."""
        out: Json = {
            "id": post.id,
            "noteType": "TicketNote",
            "ticket": {"id": post.ticket},
            "text": post.text,
            "isMarkdownFlag": False,
            "detailDescriptionFlag": post.visible and not post.resolution,
            "internalAnalysisFlag": not post.visible,
            "resolutionFlag": post.resolution,
            "bundledFlag": False,
            "mergedFlag": False,
            "issueFlag": False,
            "createdByParentFlag": False,
        }
        self._author(out, post)
        out["_info"] = {
            "lastUpdated": iso(post.at),
            "updatedBy": post.created_by,
            "dateEntered": iso(post.at),
        }
        return out

    def time_note(self, log: WorkLog) -> Json:
        """The `allNotes` shape of a time entry's text."""
        return {
            "id": log.id,
            "noteType": "TimeEntryNote",
            "ticket": {"id": log.ticket},
            "text": log.text,
            "detailDescriptionFlag": log.visible,
            "internalAnalysisFlag": not log.visible,
            "resolutionFlag": False,
            "timeStart": iso(log.start),
            "timeEnd": iso(log.end),
            "member": self.members[log.member],
            "_info": {"lastUpdated": iso(log.updated_at), "updatedBy": log.entered_by},
        }

    def time_entry(self, log: WorkLog) -> Json:
        ticket = self.world.tickets.by_id.get(log.ticket)
        work_type = next(i for i, name in people.WORK_TYPES.items() if name == log.work_type)
        out: Json = {
            "id": log.id,
            "chargeToId": log.ticket,
            "chargeToType": "ServiceTicket",
            "member": self.members[log.member],
            "workType": {"id": work_type, "name": log.work_type},
            "timeStart": iso(log.start),
            "timeEnd": iso(log.end),
            "actualHours": round((log.end - log.start).total_seconds() / 3600, 2),
            "billableOption": "Billable",
            "notes": log.text,
            "addToDetailDescriptionFlag": log.visible,
            "addToInternalAnalysisFlag": not log.visible,
            "addToResolutionFlag": False,
            "emailContactFlag": log.visible,
            "emailResourceFlag": False,
            "emailCcFlag": False,
            "enteredBy": log.entered_by,
            "dateEntered": iso(log.entered_at),
            "status": "Open",
        }
        if log.internal:
            out["internalNotes"] = log.internal
        if ticket is not None:
            out["company"] = self.companies[ticket.company]
            out["ticket"] = {"id": ticket.id, "summary": ticket.summary}
        out["_info"] = {"lastUpdated": iso(log.updated_at), "updatedBy": log.entered_by}
        return out

    def schedule_entry(self, entry: Appointment) -> Json:
        return {
            "id": entry.id,
            "objectId": entry.ticket,
            "name": f"Ticket {entry.ticket}",
            "member": self.members[entry.member],
            "dateStart": iso(entry.start),
            "dateEnd": iso(entry.end),
            "type": {"id": 4, "identifier": "S"},
            "status": {"id": 2, "name": "Firm"},
            "doneFlag": False,
            "hours": round((entry.end - entry.start).total_seconds() / 3600, 2),
            "_info": {
                "lastUpdated": iso(entry.updated_at),
                "updatedBy": entry.entered_by,
                "dateEntered": iso(entry.updated_at),
                "enteredBy": entry.entered_by,
            },
        }

    def answer(self, answer: Answer) -> Json:
        """A survey result: a Selection's answer is the option's index."""
        ticket = self.world.tickets.by_id.get(answer.ticket)
        out: Json = {
            "id": answer.id,
            "ticketId": answer.ticket,
            "surveyId": 1,
            "contactMeFlag": False,
            "totalPoints": answer.score,
            "results": [{"questionId": 1, "answer": answer.score - 1}],
        }
        if answer.comment:
            out["results"].append({"questionId": 2, "answer": answer.comment})
        if ticket is not None and ticket.contact is not None:
            out["contact"] = self.contacts[ticket.contact]
            out["emailAddress"] = self.world.contacts[ticket.contact].email
            out["company"] = self.companies[ticket.company]
        out["_info"] = {"lastUpdated": iso(answer.updated_at), "updatedBy": "zAdmin"}
        return out
