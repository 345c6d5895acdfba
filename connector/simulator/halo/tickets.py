"""A ticket as Halo shows it: a row of a list, the whole of it, and the lines of its audit.

The SLA's dates are the PSA's own book-keeping, which believes the status and nothing else. Names of
statuses and types stand in a row only if asked for; the priority's never does.
"""

from __future__ import annotations

from datetime import datetime

from connector.simulator import sla
from connector.simulator.halo import setup, tables
from connector.simulator.halo.trail import TrailBook
from connector.simulator.halo.values import Json, hours, stamp
from connector.simulator.records import Answer, Ticket, Trail
from connector.simulator.world import World

MANUAL, MAIL = 0, 1
_AUDITED = {"Status": "Status", "Priority": "Priority", "Resource": "Agent"}


class TicketShapes:
    """`hidden_field` is the caption of a custom field this PSA does not have."""

    def __init__(self, world: World, trail: TrailBook) -> None:
        self.world, self._trail = world, trail
        self.hidden_field = ""
        self._answers: dict[int, Answer] = {}
        self._answers_read = -1

    def row(self, ticket: Ticket) -> Json:
        """What every row has, without what is only there on request."""
        world, place = self.world, ticket.id
        member = world.members.get(ticket.owner or 0)
        company = world.companies[ticket.company]
        contact = world.contacts[ticket.contact] if ticket.contact else None
        return {
            "id": ticket.id,
            "summary": ticket.summary,
            "status_id": self.status_id(ticket),
            "tickettype_id": 20 + ticket.type,
            "itil_requesttype_id": tables.ITIL[20 + ticket.type],
            "sla_id": tables.sla_of(ticket),
            "priority_id": tables.priority_id(tables.sla_of(ticket), ticket.priority),
            "client_id": company.id,
            "client_name": company.name,
            "site_id": tables.site_id(company.id),
            "site_name": "Main",
            "user_id": contact.id if contact else 0,
            "user_name": contact.name if contact else "General User",
            "team": world.boards[ticket.board].name,
            "team_id": tables.TEAMS[world.boards[ticket.board].name],
            "agent_id": member.id if member else tables.UNASSIGNED,
            "dateoccurred": stamp(ticket.entered_at, place),
            "last_update": stamp(ticket.updated_at, place + 3),
            "lastactiondate": stamp(ticket.updated_at, place + 5),
            "merged_into_id": ticket.merged_into or 0,
            "source": MAIL if ticket.entered_by == world.login("contact") else MANUAL,
            "targetdate": stamp(None, place),
            "deadlinedate": stamp(ticket.due, place),
            "parent_id": ticket.parent or 0,
            **self._closing(ticket),
            **self._sla(ticket),
        }

    def status_id(self, ticket: Ticket) -> int:
        return tables.STATUS_IDS[self.world.statuses[ticket.status].name]

    def _closing(self, ticket: Ticket) -> Json:
        """`dateclosed` is when it was solved, `date_fully_closed` when that was final."""
        by = self.world.members_by_login.get(ticket.closed_by.casefold())
        closed = self.status_id(ticket) == tables.CLOSED
        return {
            "hasbeenclosed": closed,
            "dateclosed": stamp(ticket.sla.resolved_at or ticket.closed_at, ticket.id),
            "date_fully_closed": stamp(ticket.closed_at, ticket.id + 1),
            "closure_agent_id": by.id if by and by.kind != "system" else 0,
        }

    def _sla(self, ticket: Ticket) -> Json:
        book, place = ticket.sla, ticket.id
        priority = self.world.priorities[ticket.priority]
        respond_by = sla.after_working_minutes(ticket.entered_at, priority.respond)
        return {
            "onhold": book.waiting,
            "slaholdtime": hours(book.waited),
            "excludefromsla": False,
            "respondbydate": stamp(respond_by, place),
            "responsedate": stamp(book.responded_at, place + 2),
            "first_responsedate": stamp(book.responded_at, place + 4),
            "responsestartdate": stamp(ticket.entered_at, place),
            "slaresponsestate": _kept(book.responded_at, respond_by),
            "fixbydate": stamp(self._fix_by(ticket), place + 1),
        }

    def _fix_by(self, ticket: Ticket) -> datetime:
        minutes = self.world.priorities[ticket.priority].resolve + ticket.sla.waited
        return sla.after_working_minutes(ticket.entered_at, minutes)

    def timers(self, ticket: Ticket) -> Json:
        """Decimal hours; less than none left is over."""
        now, book = self.world.now(), ticket.sla
        used = sla.working_minutes(ticket.entered_at, now) - book.waited
        left = self.world.priorities[ticket.priority].resolve - used
        return {"slatimeelapsed": hours(used), "slatimeleft": hours(left)}

    def names(self, ticket: Ticket, wanted: set[str]) -> Json:
        """Names that a list gives for `includestatus`, `includetickettype`, `includeagent`."""
        out: Json = {}
        if "status" in wanted:
            number = self.status_id(ticket)
            out["status_name"] = next(name for n, name, _ in tables.STATUSES if n == number)
        if "tickettype" in wanted:
            out["tickettype_name"] = tables.TYPES[20 + ticket.type]
        if "agent" in wanted:
            member = self.world.members.get(ticket.owner or 0)
            out["agent_name"] = member.name if member else "Unassigned"
        return out

    def fields(self, ticket: Ticket, only: frozenset[int] | None = None) -> list[Json]:
        """The custom fields with their values, or those with these FieldInfo ids."""
        values = ticket.values or {}
        return [
            setup.custom_field(field, values.get(field.id))
            for field in self.world.fields.values()
            if field.on == "ticket"
            and field.caption != self.hidden_field
            and (only is None or tables.field_id(field.id) in only)
        ]

    def detail(self, ticket: Ticket) -> Json:
        """The whole ticket."""
        answer = self._latest_answer(ticket.id)
        posts = self.world.posts(ticket.id)
        text = posts[0].text if posts else ""
        return {
            **self.row(ticket),
            **self.names(ticket, {"status", "tickettype", "agent"}),
            **self.timers(ticket),
            "details": text,
            "datecreated": stamp(ticket.entered_at, ticket.id + 2),
            "deleted": False,
            "slastate": _kept(ticket.sla.resolved_at, self._fix_by(ticket)),
            "sla_start_date": stamp(ticket.entered_at, ticket.id),
            "respondbydateadjusted": False,
            "fixbydateadjusted": False,
            "surveysent": ticket.closed_at is not None,
            "satisfactionlevel": answer[0] if answer else 0,
            "satisfactioncomment": answer[1] if answer else "",
            "customfields": self.fields(ticket),
        }

    def _latest_answer(self, ticket: int) -> tuple[int, str] | None:
        answers = self.world.answers
        if self._answers_read != answers.revision:
            self._answers = {one.ticket: one for one in answers.by_id.values()}
            self._answers_read = answers.revision
        found = self._answers.get(ticket)
        return (level(found.score), found.comment) if found else None

    def audit(self, ticket: int) -> list[Json]:
        """Who changed status, priority and agent, from what to what: names, in the order of time."""
        return [
            self._audit_line(number, line) for number, line in self._trail.of(ticket) if line.kind in _AUDITED
        ]

    def _audit_line(self, number: int, line: Trail) -> Json:
        member = self.world.members_by_login.get(line.by.casefold())
        by_agent = member is not None and member.kind != "system"
        return {
            "id": number,
            "ticket_id": line.ticket,
            "agent_id": member.id if member and by_agent else 0,
            "username": member.name if member and by_agent else "System",
            "user_id": 0,
            "date": stamp(line.at, number),
            "value": _AUDITED[line.kind],
            "from": _halo_name(line.old) or ("Unassigned" if line.kind == "Resource" else ""),
            "to": _halo_name(line.new),
            "table_name": "Faults",
        }


def _halo_name(world: str) -> str:
    number = tables.STATUS_IDS.get(world)
    return next((name for n, name, _ in tables.STATUSES if n == number), world)


def _kept(done: datetime | None, due: datetime) -> str:
    """Inside, outside, or not decided."""
    return "" if done is None else "I" if done <= due else "O"


def level(score: int) -> int:
    """A score of 5 on Halo's own scale: 1 Awesome, 2 Good, 3 Okay, 4 Bad."""
    return {5: 1, 4: 2, 3: 3}.get(score, 4)
