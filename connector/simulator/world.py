"""The pretend MSP: a world in which tickets are opened, answered, forgotten, rated.

Everything that happens goes through a method here, which stamps the record, keeps the PSA's own SLA
book and tells whoever listens (the hooks of the dialect being served). The world has its own clock,
so a day can pass in seconds; it knows no vendor and no HTTP.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

from connector.simulator import people, sla
from connector.simulator.directory import Directory
from connector.simulator.records import (
    Answer,
    Appointment,
    Change,
    CompanyWrite,
    Gone,
    Hook,
    Post,
    Sla,
    Status,
    Ticket,
    Trail,
    Value,
    Withdrawn,
    WorkLog,
    Write,
)
from connector.simulator.rows import Rows
from connector.simulator.slasetup import SlaSetup

History = Callable[[Ticket], Sequence[Post]]


def utcnow() -> datetime:
    return datetime.now(UTC)


class World(Directory):
    """The MSP's records and what can happen to them. Not thread-safe: one event loop drives it."""

    def __init__(
        self, *, seed: int, start: datetime, clients: Sequence[str] = people.DEFAULT_CLIENTS
    ) -> None:
        super().__init__(seed, clients)
        self.seed, self.start = seed, start.astimezone(UTC).replace(microsecond=0)
        self.clock: Callable[[], datetime] = lambda: self.start
        self.ahead: Callable[[], timedelta] = timedelta  # of the PSA's own clock, against the true time
        self.tickets: Rows[Ticket] = Rows()
        self.work_logs: Rows[WorkLog] = Rows()
        self.appointments: Rows[Appointment] = Rows()
        self.answers: Rows[Answer] = Rows()
        self.hooks: dict[int, Hook] = {}
        self.trail: list[Trail] = []
        self.gone: list[Gone] = []
        self.withdrawn: list[Withdrawn] = []
        self.new_posts: list[Post] = []  # also those that were withdrawn since
        self.writes: list[Write] = []
        self.company_writes: list[CompanyWrite] = []
        self.requests: Counter[tuple[str, str]] = Counter()
        self.responses: Counter[int] = Counter()
        self.deliveries: Counter[str] = Counter()
        self.listeners: list[Callable[[Change], None]] = []
        self.history: History = lambda _ticket: ()
        self.notes_touch_ticket = True
        self.set_up = SlaSetup()
        self._posts: dict[int, list[Post]] = {}
        self._logs_of: dict[int, list[int]] = {}
        self._ticket_ids, self._post_ids, self._ids = count(1001), count(1), count(1)

    # ── time ──────────────────────────────────────────────────────────────────────────────────

    def now(self) -> datetime:
        """By the PSA's clock, which stamps what happens."""
        return (self.clock() + self.ahead()).astimezone(UTC).replace(microsecond=0)

    def set_time(self, at: datetime) -> None:
        fixed = at.astimezone(UTC)
        self.clock = lambda: fixed

    def advance(self, by: timedelta) -> None:
        self.set_time(self.clock() + by)

    # ── reading ───────────────────────────────────────────────────────────────────────────────

    def ticket(self, ticket_id: int) -> Ticket:
        """The ticket; KeyError when there is none."""
        return self.tickets.by_id[ticket_id]

    def posts(self, ticket_id: int) -> list[Post]:
        """All notes of a ticket in the order of time."""
        ticket = self.ticket(ticket_id)
        old = self.history(ticket) if ticket.seeded >= 0 else ()
        return [*old, *self._posts.get(ticket_id, ())]

    def logs(self, ticket_id: int) -> list[WorkLog]:
        return [self.work_logs.by_id[log_id] for log_id in self._logs_of.get(ticket_id, ())]

    def field(self, ticket_id: int, caption: str) -> Value:
        """The value of a custom field by its caption."""
        return (self.ticket(ticket_id).values or {}).get(self.field_by_caption(caption).id)

    # ── what happens ──────────────────────────────────────────────────────────────────────────

    def reserve_ticket_id(self) -> int:
        return next(self._ticket_ids)

    def open_ticket(
        self,
        client: str,
        summary: str,
        *,
        text: str = "",
        priority: str = "P3 Medium",
        board: str = "Service Desk",
        type: str = "Incident",
        by: str = "contact",
        status: str = "New",
        ticket_id: int | None = None,
        dress: Callable[[Ticket], None] = lambda _ticket: None,
    ) -> int:
        """A new ticket; `by` "contact" means it came by mail. Its text becomes the first note.

        `dress` changes it before anybody has seen it.
        """
        now, company = self.now(), self.company_by_name(client)
        board_id = self.board_by_name(board).id
        login = self.login(by)
        first = self.status_by_name(board_id, "New")
        ticket = Ticket(
            id=ticket_id or self.reserve_ticket_id(),
            company=company.id,
            contact=self.contacts_of(company.id)[0].id,
            board=board_id,
            status=first.id,
            priority=self.priority_by_name(priority).id,
            type=self.type_by_name(type),
            summary=summary,
            entered_at=now,
            entered_by=login,
            updated_at=now,
            updated_by=login,
            sla=Sla(now),
        )
        dress(ticket)
        self.tickets.add(ticket)
        if text:
            self._add_post(ticket, by, text)
        self._note(ticket, login, "Ticket", "Created", f"Ticket {ticket.id} has been created.")
        self._tell(Change("ticket", ticket.id, "added", login, ticket))
        if status != "New":
            self.set_status(ticket.id, status, by)
        return ticket.id

    def post(
        self, ticket: int, author: str, text: str, visible: bool = True, resolution: bool = False
    ) -> int:
        """A note. Authors: "contact", a member's login, "workflow" (the PSA by itself), "template247"."""
        record = self.ticket(ticket)
        post = self._add_post(record, author, text, visible, resolution)
        if self.notes_touch_ticket:

            def mark(changed: Ticket) -> None:
                changed.customer_updated = author == "contact"

            self.touch(record, self.login(author), mark)
        self._tell(Change("note", post.id, "added", post.created_by, record))
        return post.id

    def _add_post(
        self, ticket: Ticket, author: str, text: str, visible: bool = True, resolution: bool = False
    ) -> Post:
        member = self.members_by_login.get(author.casefold())
        post = Post(
            id=next(self._post_ids),
            ticket=ticket.id,
            at=self.now(),
            text=text,
            created_by=self.login(author),
            member=member.id if member else None,
            contact=ticket.contact if author == "contact" else None,
            visible=visible,
            resolution=resolution,
        )
        self._posts.setdefault(ticket.id, []).append(post)
        self.new_posts.append(post)
        return post

    def log_time(
        self,
        ticket: int,
        member: str,
        minutes: float,
        text: str,
        work_type: str = "Remote",
        visible: bool = True,
        internal: str = "",
        end: datetime | None = None,
    ) -> int:
        """A time entry that ends now unless told otherwise; its text is a reply when `visible`."""
        now, record = self.now(), self.ticket(ticket)
        end = end or now
        log = WorkLog(
            id=next(self._ids),
            ticket=ticket,
            member=self.member_by_login(member).id,
            start=end - timedelta(minutes=minutes),
            end=end,
            text=text,
            work_type=work_type,
            entered_at=now,
            entered_by=self.login(member),
            updated_at=now,
            visible=visible,
            internal=internal,
        )
        self.add_log(log)
        self._tell(Change("time", log.id, "added", log.entered_by, record))
        if self.notes_touch_ticket:
            self.touch(record, log.entered_by)
        return log.id

    def add_log(self, log: WorkLog) -> None:
        self.work_logs.add(log)
        self._logs_of.setdefault(log.ticket, []).append(log.id)

    def set_status(self, ticket: int, status: str, by: str = "zAdmin") -> None:
        record = self.ticket(ticket)
        self.touch(
            record, self.login(by), self.moving(self.status_by_name(record.board, status), self.login(by))
        )

    def moving(self, status: Status, by: str, into: int | None = None) -> Callable[[Ticket], None]:
        """The change that puts a ticket into `status`; `into` is the ticket it was merged into."""
        now = self.now()

        def move(changed: Ticket) -> None:
            old = self.statuses[changed.status].name
            text = f'Status changed from "{old}" to "{status.name}".'
            self._note(changed, by, "Status", "Status", text, old, status.name)
            changed.status, changed.customer_updated = status.id, False
            changed.merged_into = into
            changed.sla = replace(changed.sla)  # what it was may still be served to a lagging list
            sla.move(changed.sla, status.stage, now, by)
            changed.closed_at, changed.closed_by = (now, by) if status.closed else (None, "")

        return move

    def set_priority(self, ticket: int, priority: str, by: str) -> None:
        record, target = self.ticket(ticket), self.priority_by_name(priority)

        def move(changed: Ticket) -> None:
            changed.priority = target.id

        old, text = self.priorities[record.priority].name, f'Priority changed to "{target.name}".'
        self._note(record, self.login(by), "Priority", "Priority", text, old, target.name)
        self.touch(record, self.login(by), move)

    def assign(self, ticket: int, member: str, by: str) -> None:
        record, target = self.ticket(ticket), self.member_by_login(member)

        def move(changed: Ticket) -> None:
            changed.owner = target.id

        old = self.members[record.owner].name if record.owner else ""
        text = f"{target.name} is the owner now."
        self._note(record, self.login(by), "Resource", "Owner", text, old, target.name)
        self.touch(record, self.login(by), move)

    def move_company(self, ticket: int, client: str, by: str) -> None:
        target = self.company_by_name(client)

        def move(changed: Ticket) -> None:
            changed.company, changed.contact = target.id, self.contacts_of(target.id)[0].id

        self.touch(self.ticket(ticket), self.login(by), move)

    def book(self, ticket: int, member: str, start: datetime, minutes: float, by: str = "dmoore") -> int:
        """An appointment of a member for this ticket."""
        now, who = self.now(), self.member_by_login(member)
        end = start + timedelta(minutes=minutes)
        entry = Appointment(next(self._ids), ticket, who.id, start, end, self.login(by), now)
        self.appointments.add(entry)
        self.touch(self.ticket(ticket), self.login(by))
        return entry.id

    def rate(self, ticket: int, score: int, comment: str = "", thermometer: bool = False) -> int:
        """A survey answer of the customer, 1 to 5. It does not touch the ticket.

        A `thermometer` is a click in a mail, which some PSAs keep on the ticket and so touch it.
        """
        if not 1 <= score <= 5:
            raise ValueError(f"score must be 1 to 5, not {score}")
        record = self.ticket(ticket)
        answer = Answer(next(self._ids), ticket, score, comment, self.now(), thermometer)
        self.answers.add(answer)
        if thermometer:
            self.touch(record, self.login("contact"))
        return answer.id

    def comment(self, answer: int, text: str) -> None:
        """The customer, who has clicked a score already, says something about it later."""

        def say(changed: Answer) -> None:
            changed.comment = text

        self.answers.change(self.answers.by_id[answer], self.now(), say)

    def set_field(self, ticket: int, caption: str, value: Value, by: str) -> None:
        record, field = self.ticket(ticket), self.field_by_caption(caption)

        def move(changed: Ticket) -> None:
            changed.values = {**(changed.values or {}), field.id: value}

        self.touch(record, self.login(by), move)

    def merge(self, ticket: int, into: int, by: str) -> None:
        """`ticket` becomes part of `into` and is closed as Merged."""

        def mark(changed: Ticket) -> None:
            changed.has_merged = True

        record, login = self.ticket(ticket), self.login(by)
        self.touch(self.ticket(into), login, mark)
        self.touch(record, login, self.moving(self.status_by_name(record.board, "Merged"), login, into))

    def delete_ticket(self, ticket: int, by: str) -> None:
        record = self.ticket(ticket)
        self.tickets.remove(record, self.now())
        self.gone.append(Gone(len(self.gone) + 1, self.now(), self.login(by), record))
        self._tell(Change("ticket", ticket, "deleted", self.login(by), record))

    def delete_post(self, ticket: int, post: int, by: str) -> None:
        """Delete a note that was made since the start. No callback tells of it."""
        found = next(one for one in self._posts[ticket] if one.id == post)
        self._posts[ticket].remove(found)
        self._withdraw(found, by)

    def delete_log(self, log: int, by: str) -> None:
        """Delete a time entry. No callback tells of it."""
        found = self.work_logs.by_id[log]
        self.work_logs.remove(found, self.now())
        self._logs_of[found.ticket].remove(log)
        self._withdraw(found, by)

    def _withdraw(self, what: Post | WorkLog, by: str) -> None:
        self.withdrawn.append(Withdrawn(len(self.withdrawn) + 1, self.now(), self.login(by), what))

    # ── stamping and telling ──────────────────────────────────────────────────────────────────

    def touch(self, ticket: Ticket, by: str, apply: Callable[[Ticket], None] = lambda _ticket: None) -> None:
        """Change a ticket as login `by`: stamp it and tell the listeners."""

        def stamped(changed: Ticket) -> None:
            apply(changed)
            changed.updated_by = by

        self.tickets.change(ticket, self.now(), stamped)
        self._tell(Change("ticket", ticket.id, "updated", by, ticket))

    def _tell(self, change: Change) -> None:
        for listener in self.listeners:
            listener(change)

    def _note(
        self, ticket: Ticket, by: str, kind: str, what: str, text: str, old: str = "", new: str = ""
    ) -> None:
        self.trail.append(Trail(self.now(), ticket.id, by, kind, what, text, old, new))

    # ── the generated past ────────────────────────────────────────────────────────────────────

    def load(
        self,
        tickets: Sequence[Ticket],
        logs: Sequence[WorkLog],
        answers: Sequence[Answer],
        posts: int,
        history: History,
    ) -> None:
        """Take a generated past; `posts` is the highest note id that `history` will ever use."""
        self.tickets.load(tickets)
        self.work_logs.load(logs)
        self.answers.load(answers)
        for log in logs:
            self._logs_of.setdefault(log.ticket, []).append(log.id)
        self.history = history
        self._ticket_ids = count(max((t.id for t in tickets), default=1000) + 1)
        self._post_ids = count(posts + 1)
        self._ids = count(len(logs) + len(answers) + 1)
