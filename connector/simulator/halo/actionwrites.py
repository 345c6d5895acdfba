"""POST /Actions: notes, mails and time. The answer shows the last one only, unless all are asked for.

Closed tickets refuse with the text that has cost integrations their notes: "You do not have access to
this Action at the moment".
"""

from __future__ import annotations

import re
from html import unescape

from connector.simulator.halo import tables
from connector.simulator.halo.actions import Actions
from connector.simulator.halo.errors import not_found, refused
from connector.simulator.halo.tables import Outcome
from connector.simulator.halo.tickets import TicketShapes
from connector.simulator.halo.values import Json, truth, whole
from connector.simulator.halo.writing import Ledger, elements, responded
from connector.simulator.records import Ticket
from connector.simulator.web import Ask, Reply
from connector.simulator.world import World


class ActionWrites:
    def __init__(self, world: World, shapes: TicketShapes, actions: Actions, ledger: Ledger) -> None:
        self.world, self.shapes, self.actions, self.ledger = world, shapes, actions, ledger

    def post(self, ask: Ask) -> Reply:
        made = [self._one(ask, given) for given in elements(ask)]
        everything = truth(ask.query.get("returnall", ""))
        return Reply.of(made if everything else made[-1], 201)

    def _one(self, ask: Ask, given: Json) -> Json:
        ticket = self.world.tickets.by_id.get(whole(given.get("ticket_id")) or 0)
        if ticket is None:
            raise not_found("Ticket", given.get("ticket_id"))
        outcome = self._outcome(given)
        if self.shapes.status_id(ticket) == tables.CLOSED:
            raise refused("You do not have access to this Action at the moment")
        before = len(self.actions.of(ticket.id))
        self._write(ticket, given, outcome, self.world.members[ask.member].identifier)
        self.ledger.enter(ask, given, ticket.id, created=True)
        return self.actions.of(ticket.id)[before]

    def _outcome(self, given: Json) -> Outcome:
        number, name = whole(given.get("outcome_id")), given.get("outcome")
        for outcome in tables.OUTCOMES.values():
            if number == outcome.id or (number is None and name == outcome.name):
                return outcome
        if number is None and not name and given.get("action_isresponse") is not True:
            raise refused("An Outcome must be entered for this Action")
        return tables.PRIVATE_NOTE

    def _write(self, ticket: Ticket, given: Json, outcome: Outcome, login: str) -> None:
        world, hidden = self.world, given.get("hiddenfromuser", outcome.hidden) is True
        text = str(given.get("note") or "") or _plain(str(given.get("note_html") or ""))
        taken = given.get("timetaken")
        if isinstance(taken, int | float) and taken > 0:
            work = tables.WORK_TYPE.get(outcome.id, "Remote")
            world.log_time(ticket.id, login, taken * 60, text, work, visible=not hidden)
        else:
            world.post(ticket.id, login, text, visible=not hidden)
        if given.get("action_isresponse") is True:
            world.touch(ticket, login, responded(world.now()))
        status = tables.WORLD_STATUS.get(whole(given.get("new_status")) or 0)
        if status:
            world.set_status(ticket.id, status, login)


def _plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html)).strip()
