"""The things of the MSP that have names: clients, contacts, members, boards, statuses, fields.

People who script the world say "P2 High" and "mbauer"; the records hold ids. A wrong name is told
with the names there are.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from connector.simulator import hours, people
from connector.simulator.records import Board, Company, Contact, Field, Member, Priority, Status

_CONTACTS_EACH = 4


def _unknown(what: str, name: str, known: Iterable[str]) -> ValueError:
    return ValueError(f"no {what} is called {name!r}; there are: {', '.join(known)}")


class Directory:
    def __init__(self, seed: int, clients: Sequence[str]) -> None:
        self.companies = {
            company_id: Company(company_id, name, "".join(c for c in name if c.isalnum()))
            for company_id, name in enumerate(clients, start=250)
        }
        self.contacts: dict[int, Contact] = {}
        self.members = {member.id: member for member in people.MEMBERS}
        self.members_by_login = {member.identifier.casefold(): member for member in people.MEMBERS}
        self.boards = {board.id: board for board in people.BOARDS}
        self.statuses = {status.id: status for board in people.BOARDS for status in board.statuses}
        self.priorities = {priority.id: priority for priority in people.PRIORITIES}
        self.fields = {field.id: field for field in people.FIELDS}
        self.calendars = {calendar.id: calendar for calendar in hours.CALENDARS}
        self.days_off = {one.id: one for one in hours.HOLIDAYS}
        self._contacts_of: dict[int, list[Contact]] = {}
        self._fill_contacts(random.Random(seed))

    def _fill_contacts(self, dice: random.Random) -> None:
        contact_id = 5000
        for company in self.companies.values():
            domain = f"{company.identifier.casefold()}.example"
            firsts = dice.sample(people.FIRST_NAMES, _CONTACTS_EACH)
            for first in firsts:
                contact_id += 1
                last = dice.choice(people.LAST_NAMES)
                mail = f"{first}.{last}@{domain}".casefold()
                contact = Contact(
                    contact_id, company.id, first, last, mail, f"020 7946 0{dice.randint(100, 999)}"
                )
                self.contacts[contact_id] = contact
                self._contacts_of.setdefault(company.id, []).append(contact)

    def contacts_of(self, company: int) -> list[Contact]:
        return self._contacts_of[company]

    def login(self, author: str) -> str:
        """The login name the PSA writes down: mail and workflow rules run as zAdmin."""
        if author.casefold() in ("contact", people.WORKFLOW):
            return "zAdmin"
        member = self.members_by_login.get(author.casefold())
        if member is None and author != people.TEMPLATE:
            known = [m.identifier for m in self.members.values()]
            raise _unknown("author", author, ["contact", people.WORKFLOW, people.TEMPLATE, *known])
        return member.identifier if member else author

    def member_by_login(self, login: str) -> Member:
        member = self.members_by_login.get(login.casefold())
        if member is None:
            raise _unknown("member", login, (m.identifier for m in self.members.values()))
        return member

    def company_by_name(self, name: str) -> Company:
        for company in self.companies.values():
            if name.casefold() in (company.name.casefold(), company.identifier.casefold()):
                return company
        raise _unknown("client", name, (c.name for c in self.companies.values()))

    def board_by_name(self, name: str) -> Board:
        for board in self.boards.values():
            if board.name.casefold() == name.casefold():
                return board
        raise _unknown("board", name, (b.name for b in self.boards.values()))

    def status_by_name(self, board: int, name: str) -> Status:
        statuses = self.boards[board].statuses
        for status in statuses:
            if status.name.casefold() == name.casefold():
                return status
        raise _unknown("status", name, (s.name for s in statuses))

    def priority_by_name(self, name: str) -> Priority:
        for priority in self.priorities.values():
            if priority.name.casefold() == name.casefold():
                return priority
        raise _unknown("priority", name, (p.name for p in self.priorities.values()))

    def type_by_name(self, name: str) -> int:
        for type_id, known in people.TYPES.items():
            if known.casefold() == name.casefold():
                return type_id
        raise _unknown("type", name, people.TYPES.values())

    def field_by_caption(self, caption: str) -> Field:
        for field in self.fields.values():
            if field.caption.casefold() == caption.casefold():
                return field
        raise _unknown("custom field", caption, (f.caption for f in self.fields.values()))
