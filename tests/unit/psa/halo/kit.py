"""A desk in Halo's words: two people, a machine, statuses and priorities, and rows to begin from."""

from __future__ import annotations

from datetime import UTC, datetime

from connector.model import Ticket
from connector.psa.halo.lookups import Lookups
from connector.psa.halo.mapping import Reader
from connector.psa.halo.people import People, agent

OPENED = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
TICKET = Ticket(id="4321", opened_at=OPENED, contact="9")
APPLICATION = "0b7a6c1e-1111-4222-8333-444455556666"


def reader(**change):
    people = People(machines=["Patch Robot"])
    rows = (
        {"id": 1, "name": "Unassigned"},
        {"id": 5, "name": "Ann Agent", "team": "1st Line"},
        {"id": 6, "name": "Rewst", "isapiagent": True},
        {"id": 7, "name": "Patch Robot"},
    )
    people.learn(person for person in map(agent, rows) if person)
    lookups = Lookups()
    lookups.learn_statuses(
        [
            {"id": 1, "name": "New", "type": 0},
            {"id": 2, "name": "In Progress", "type": 0},
            {"id": 4, "name": "On Hold", "type": 0, "slaaction": "hold"},
            {"id": 9, "name": "Closed", "type": 0},
            {"id": 2, "name": "Contacted", "type": 1},
        ]
    )
    lookups.learn_priorities(
        [{"slaid": 8, "priorityid": 3, "name": "P3 Medium"}, {"slaid": 2, "priorityid": 3, "name": "Urgent"}]
    )
    known = {"site": "https://desk.example", "application": APPLICATION} | change
    return Reader(people, lookups, **known)


def ticket_row(**change):
    known = {
        "id": 4321,
        "summary": "Printer offline",
        "status_id": 2,
        "sla_id": 8,
        "priority_id": 3,
        "client_id": 7,
        "client_name": "Acme",
        "user_id": 9,
        "agent_id": 5,
        "team": "1st Line",
        "dateoccurred": "2026-09-01T08:00:00",
        "last_update": "2026-09-01T09:00:00.12",
    }
    return known | change


def action_row(**change):
    known = {
        "id": 2,
        "ticket_id": 4321,
        "who": "Ann Agent",
        "who_agentid": 5,
        "note": "Rebooted the printer",
        "datetime": "2026-09-01T09:15:00",
        "hiddenfromuser": False,
    }
    return known | change
