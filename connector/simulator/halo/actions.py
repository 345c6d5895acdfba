"""What was said and done on a ticket, as Halo's actions: numbered from 1 within each ticket.

Notes, mails, time and changes of status and agent are all actions. Who did it is in three ids, of which
the one that fits is set; `who` is a display name and proves nothing. A customer's mail is an action
hidden from users, so what is hidden is not what is ours.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from html import escape

from connector.simulator.halo import tables
from connector.simulator.halo.tables import Outcome
from connector.simulator.halo.trail import TrailBook
from connector.simulator.halo.values import Json, guid, hours, stamp
from connector.simulator.records import Appointment, Member, Post, Ticket, Trail, WorkLog
from connector.simulator.world import World

AGENT, NOT_AGENT = 1, 0
_SYSTEM = "System"


class Actions:
    """The actions of the world's tickets. `application` tells through which one a member writes."""

    def __init__(self, world: World, trail: TrailBook, application: Callable[[Member], str | None]) -> None:
        self.world, self._trail, self._application = world, trail, application
        self._numbers: dict[int, dict[tuple[str, int], int]] = {}

    def of(self, ticket_id: int) -> list[Json]:
        """All actions of a ticket in the order of their numbers, which they keep for good."""
        ticket = self.world.ticket(ticket_id)
        found = self._found(ticket)
        numbers = self._numbers.setdefault(ticket_id, {})
        for _, kind, key, _ in found:
            numbers.setdefault((kind, key), len(numbers) + 1)
        rows = []
        for _, kind, key, row in found:
            number = numbers[(kind, key)]
            rows.append({"id": number, "guid": guid(f"action:{ticket_id}", number), **row})
        return sorted(rows, key=lambda row: int(row["id"]))

    def _found(self, ticket: Ticket) -> list[tuple[datetime, str, int, Json]]:
        """When, kind, place among its kind, and the action, in the order they were written down."""
        posts = self.world.posts(ticket.id)
        found = [
            (post.at, "post", post.id, self._post(ticket, post, place == 0))
            for place, post in enumerate(posts)
        ]
        found += [(log.entered_at, "work", log.id, self._work(log)) for log in self.world.logs(ticket.id)]
        for entry in self.world.appointments.after(0):
            if entry.ticket == ticket.id:
                found.append((entry.updated_at, "date", entry.id, self._booking(entry)))
        for place, line in self._trail.of(ticket.id):
            if line.kind in ("Status", "Resource"):
                found.append((line.at, "zchange", place, self._change(line)))
        return sorted(found, key=lambda item: item[:3])

    # ── shapes ────────────────────────────────────────────────────────────────────────────────

    def _post(self, ticket: Ticket, post: Post, first: bool) -> Json:
        world = self.world
        contact = world.contacts[post.contact] if post.contact is not None else None
        if contact is not None:
            outcome = tables.FIRST_EMAIL if first else tables.EMAIL_RECEIVED
            row = self._base(ticket.id, post.at, outcome, post.text)
            row |= {"who": contact.name, "who_type": NOT_AGENT, "who_agentid": 0}
            row |= {"actionby_user_id": contact.id, "emailfrom": contact.email, "emaildirection": "I"}
            return row | {"emailsubject": ticket.summary, "hiddenfromuser": outcome.hidden}
        if self._agent(post.created_by):
            outcome = tables.EMAIL_USER if post.visible else tables.PRIVATE_NOTE
        else:
            outcome = tables.AUTO_EMAIL if post.visible else tables.SYSTEM_NOTE
        row = self._base(ticket.id, post.at, outcome, post.text) | self._by(post.created_by)
        row["hiddenfromuser"] = not post.visible
        to = world.contacts.get(ticket.contact or 0)
        if post.visible and to is not None:
            row |= {"emaildirection": "O", "emailto": to.email, "emailsubject": ticket.summary}
        return row

    def _work(self, log: WorkLog) -> Json:
        outcome = tables.WORK[log.work_type]
        row = self._base(log.ticket, log.end, outcome, log.text) | self._by_member(
            self.world.members[log.member]
        )
        minutes = (log.end - log.start) / timedelta(minutes=1)
        row |= {"timetaken": hours(minutes), "hiddenfromuser": not log.visible}
        row |= {"actionarrivaldate": stamp(log.start, log.id), "actioncompletiondate": stamp(log.end)}
        row |= {"actiondatecreated": stamp(log.entered_at), "last_updated": stamp(log.updated_at)}
        return row | ({"private_note": log.internal} if log.internal else {})

    def _change(self, line: Trail) -> Json:
        if line.kind == "Resource":
            outcome = tables.REASSIGN
        else:
            outcome = tables.CHANGE_STATUS if self._agent(line.by) else tables.SYSTEM_STATUS
        row = self._base(line.ticket, line.at, outcome, "") | self._by(line.by)
        row["hiddenfromuser"] = True
        if line.kind == "Status":
            old, new = tables.STATUS_IDS[line.old], tables.STATUS_IDS[line.new]
            row |= {"old_status": old, "new_status": new}
            row["new_status_name"] = next(name for number, name, _ in tables.STATUSES if number == new)
        return row

    def _booking(self, entry: Appointment) -> Json:
        """Who made an appointment and when is told here only."""
        row = self._base(entry.ticket, entry.updated_at, tables.APPOINTMENT, "")
        row |= self._by(entry.entered_by)
        return row | {"hiddenfromuser": True, "action_appointment_id": entry.id}

    def _base(self, ticket: int, at: datetime, outcome: Outcome, text: str) -> Json:
        return {
            "ticket_id": ticket,
            "outcome": outcome.name,
            "outcome_id": outcome.id,
            "action_systemid": outcome.system,
            "note": text,
            "datetime": stamp(at, len(text)),
            "actiondatecreated": stamp(at, len(text) + 1),
            "last_updated": stamp(at, len(text) + 2),
            "actionarrivaldate": stamp(None, ticket),
            "actioncompletiondate": stamp(None, ticket),
            "timetaken": 0.0,
            "important": False,
            "attachment_count": 0,
            "old_status": 0,
            "new_status": 0,
        }

    def _agent(self, login: str) -> Member | None:
        """The agent behind a login; nobody is behind the system's own."""
        member = self.world.members_by_login.get(login.casefold())
        return member if member is not None and member.kind != "system" else None

    def _by(self, login: str) -> Json:
        agent = self._agent(login)
        return self._by_member(agent) if agent else _by_nobody()

    def _by_member(self, member: Member) -> Json:
        return {
            "who": member.name,
            "who_type": AGENT,
            "who_agentid": member.id,
            "actionby_agent_id": member.id,
            "actionby_user_id": 0,
            "actionby_application_id": self._application(member),
        }


def _by_nobody() -> Json:
    return {
        "who": _SYSTEM,
        "who_type": NOT_AGENT,
        "who_agentid": 0,
        "actionby_agent_id": 0,
        "actionby_user_id": 0,
        "actionby_application_id": None,
    }


def as_html(row: Json) -> str:
    return f"<p>{escape(str(row['note']))}</p>"
