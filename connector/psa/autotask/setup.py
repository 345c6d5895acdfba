"""What is read once at the start: who we are let in as, picklists, people, fields, companies.

Everything but the login is optional: what may not be read is noted and the rest runs.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from functools import partial
from typing import Any

from connector.model import FlagName
from connector.psa.autotask.cases import find_place
from connector.psa.autotask.companies import bind_companies
from connector.psa.autotask.fields import bind, kind_of, watch
from connector.psa.autotask.filters import Filter
from connector.psa.autotask.promises import ENTITY, RESULTS
from connector.psa.autotask.session import EVERYTHING, Session, names
from connector.psa.kinds import kinds
from connector.psa.port import PsaFacts
from connector.psa.recall import may_be_read
from connector.psa.together import together

STAGES: Mapping[str, str] = {
    "none": "NotResponded",
    "first_response": "Responded",
    "resolution_plan": "ResolutionPlan",
    "waiting_customer": "NoEscalation",
    "resolved": "Resolved",
}
"""The vendor's events of the SLA in the words that the rules use for stages."""

PROBED: Mapping[str, str] = {
    "notes": "TicketNotes",
    "time_entries": "TimeEntries",
    "appointments": "ServiceCalls",
    "surveys": "SurveyResults",
    "billingcodes": "BillingCodes",
    "deletions": "DeletedTicketLogs",
    "deleted notes": "DeletedTicketActivityLogs",
    RESULTS: ENTITY,
}


async def start(session: Session, captions: Mapping[FlagName, frozenset[str]]) -> PsaFacts:
    """Everything `PsaFacts` tells. AuthFailed if we are not let in."""
    session.off.clear()
    seen = await session.see_usage(session.api.login)
    if seen is not None:
        session.api.give_way(seen)
    await session.locate()
    calls: list[Coroutine[Any, Any, Any]] = [
        session.load_labels(),
        session.load_people(),
        session.load_companies(),
        _surveys(session),
        *(_probe(session, feature, entity) for feature, entity in PROBED.items()),
    ]
    await together(calls)
    defined = await session.optional(
        "user-defined fields", partial(session.api.fields, "Tickets", "userDefinedFields")
    )
    rows = [row for row in defined if isinstance(row, dict)]
    bound = bind(captions, rows, session.config.fields)
    session.binding = bound.binding
    session.place, unplaced = await find_place(session, session.api, session.labels, session.config.cases)
    companies = await bind_companies(session)
    session.watch, notes = watch(session.watched, rows, session.config.fields)
    zone, statuses = await session.api.zone(), session.labels.labels("status")
    return PsaFacts(
        server=f"Autotask {zone.name or 'PSA'} ({zone.host.host})",
        me=session.people.me,
        people=session.people.addresses(),
        statuses=stages(statuses, session.config.sla_events),
        priorities=session.labels.labels("priority"),
        fields=dict(_bound_names(session)),
        kinds=kinds(session.binding.fields, kind_of),
        missing_fields=tuple(bound.missing),
        notes=(
            *bound.notes,
            *notes,
            *unplaced,
            *companies,
            *strangers(statuses, session.config.sla_events),
            *_notes(session, seen is not None and seen.slow),
        ),
    )


def stages(statuses: tuple[str, ...], events: Mapping[str, str]) -> dict[str, str]:
    """Status label -> stage, by the map that a person set: the API does not tell it (facts §8)."""
    by_name = {name.casefold(): event for name, event in events.items()}
    rest = by_name.get("*", "none")
    return {name: STAGES.get(by_name.get(name.casefold(), rest), "") for name in statuses}


def strangers(statuses: tuple[str, ...], events: Mapping[str, str]) -> list[str]:
    """What a person should know of a map that names statuses which are not there: misspelt, or renamed."""
    known = {name.casefold() for name in statuses}
    return [
        f"sla_events: Autotask has no status {name!r}; which of its statuses means {event}?"
        for name, event in events.items()
        if statuses and name != "*" and name.casefold() not in known
    ]


def _bound_names(session: Session) -> list[tuple[str, str]]:
    return [(f.label or f.name, f.name) for fields in session.binding.fields.values() for f in fields]


def _notes(session: Session, slow: bool) -> list[str]:
    found = [f"{what} is off: {why}" for what, why in session.off.items()]
    if session.people.blind:
        found.append("no resource can be read: people and machines are told apart less well")
    elif not session.people.me:
        found.append(
            "the API user is not among the resources by its user name: our own edits look like anybody's"
        )
    if not session.companies:
        found.append("no company can be read: tickets have company numbers only (a missing right looks so)")
    found += session.api.transport.clock.notes()
    if slow:
        found.append("over half of the database's requests an hour are used: Autotask answers slower")
    return found


async def _surveys(session: Session) -> None:
    session.surveys = names(
        await session.optional("survey names", partial(session.api.rows, "Surveys", EVERYTHING)), "name"
    )


async def _probe(session: Session, feature: str, entity: str) -> None:
    """One row, to know now and not in an hour whether this may be read."""
    if may_be_read(session.api.recall):
        return

    async def ask(where: Filter) -> list[Any]:
        return (await session.api.page(entity, where, size=1)).rows

    await session.optional(feature, partial(ask, EVERYTHING))
