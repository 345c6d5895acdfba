"""What is read once at the start: who we are let in as, statuses, priorities, agents and fields.

Everything but the login and the tickets is optional: what may not be read is noted and the rest runs.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from functools import partial
from typing import Any

from connector.errors import AuthFailed, ContractViolation, NotFound
from connector.model import FlagName
from connector.psa.halo.api import Row
from connector.psa.halo.cases import find_place
from connector.psa.halo.companies import bind_companies
from connector.psa.halo.fetching import ACTIONS, APPOINTMENTS
from connector.psa.halo.fields import bind, kind_of, watch
from connector.psa.halo.lookups import shown_priorities
from connector.psa.halo.session import Session
from connector.psa.halo.streams import FEEDBACK
from connector.psa.halo.values import ident
from connector.psa.kinds import kinds
from connector.psa.port import PsaFacts
from connector.psa.recall import listed, may_be_read
from connector.psa.together import together
from connector.psa.transport import Forbidden
from connector.psa.values import text

FIRST = {"pageinate": True, "page_size": 1, "page_no": 1}
FIELDS = {"includevalues": True}
"""With the options of lists, without which no flag fits into one."""


async def start(session: Session, captions: Mapping[FlagName, frozenset[str]]) -> PsaFacts:
    """Everything `PsaFacts` tells. AuthFailed if we are not let in."""
    session.off.clear()
    session.api.denied.clear()
    await session.api.tokens.get()
    tickets = await _tickets(session)
    calls: list[Coroutine[Any, Any, Any]] = [
        find_place(session, session.api, session.config.cases),
        _server(session),
        _me(session),
        session.load_agents(),
        session.load_lookups(),
        session.optional("custom field definitions", partial(session.api.whole, "FieldInfo", FIELDS)),
        _probe(session, APPOINTMENTS, "Appointment", FIRST),
        _probe(session, FEEDBACK, "Feedback", {}),
        *(_probe(session, ACTIONS, "Actions", {"ticket_id": number, "count": 1}) for number in tickets),
    ]
    (session.place, unplaced), server, _, _, priorities, definitions, *_ = await together(calls)
    bound = bind(captions, definitions, session.config.fields)
    session.binding = bound.binding
    session.watch, unread = watch(session.watched, definitions, session.config.fields)
    companies = bind_companies(session, definitions)
    notes = [
        *bound.notes,
        *unread,
        *companies,
        *unplaced,
        *_about_us(session),
        *session.api.transport.clock.notes(),
    ]
    notes += [f"{what} is off: {why}" for what, why in session.off.items()]
    return PsaFacts(
        server=f"{product(session.api.site.host)} {server} ({session.api.site.host})".replace("  ", " "),
        me=str(session.people.me or ""),
        people=session.people.addresses(),
        statuses=dict(session.lookups.holds),
        priorities=shown_priorities(priorities),
        fields={f.caption: str(f.id) for fields in bound.binding.fields.values() for f in fields},
        kinds=kinds(bound.binding.fields, kind_of),
        missing_fields=tuple(bound.missing),
        notes=tuple(notes),
    )


def product(host: str) -> str:
    """What a Halo at this host is sold as; all of them have the same API."""
    sold = {"halopsa.com": "HaloPSA", "haloitsm.com": "HaloITSM"}
    return next((name for domain, name in sold.items() if host.lower().endswith("." + domain)), "Halo")


async def _tickets(session: Session) -> list[int]:
    """The id of one ticket, if there is one: a token is worth nothing without them."""
    try:
        rows = await session.api.first("Tickets", FIRST)
    except (Forbidden, NotFound) as error:
        raise AuthFailed(
            f"Halo at {session.api.site.host} lets us in but shows no tickets; check the scopes of the API "
            f"application and the role of its agent ({error})"
        ) from error
    return [ident(row, "id") for row in rows if isinstance(row, dict) and ident(row, "id")]


async def _server(session: Session) -> str:
    """Halo's version; '' where it does not tell."""
    try:
        (found,) = await _recorded(session, "InstanceInfo")
    except (Forbidden, NotFound, ContractViolation):
        return ""
    return text(found, "app_version") if found is not None else ""


async def _me(session: Session) -> None:
    """The agent that our API application acts as."""
    try:
        (found,) = await _recorded(session, "Agent/me")
    except (Forbidden, NotFound, ContractViolation) as error:
        session.switch_off("who we are", error)
        return
    session.people.me = ident(found, "id") if found is not None else 0


async def _recorded(session: Session, path: str) -> list[Row | None]:
    """A list of this one record, since lists are recalled."""

    async def read() -> list[Row | None]:
        return [await session.api.record(path)]

    return await listed(session.api.recall, path, read)


async def _probe(session: Session, feature: str, path: str, query: dict[str, Any]) -> None:
    """One row, to know now and not in an hour whether this may be read."""
    if not may_be_read(session.api.recall):
        await session.optional(feature, partial(session.api.first, path, query))


def _about_us(session: Session) -> list[str]:
    """What a person should know of the agent we act as, and of webhooks."""
    notes = []
    if session.people.is_person(session.people.me):
        name = session.people.actor(session.people.me).name
        notes.append(
            f"our API application acts as {name}, who is a person: give it an API-only agent of its own"
        )
    if not session.config.hook_secret:
        notes.append("no webhook secret is set: changes are noticed by polling only")
    return notes
