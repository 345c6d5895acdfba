"""How a Halo instance counts its SLA: SLAs with their priorities, sites, ticket types, statuses, webhooks.

In Halo no status is a response: an action is. What a status does to the clock is `slaaction`, a word of
Halo's own that is documented nowhere; one with "hold" in it is taken to stop the clock, and where no status
has any word, that is said. What a ticket type does by itself is read off the names of its fields.
Source: facts §5; schemas SlaHead, Policy, RequestType, TStatus.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from connector.model import PromiseName
from connector.psa.halo.lookups import TICKETS
from connector.psa.halo.session import Session
from connector.psa.halo.values import ident
from connector.psa.slasetup import (
    ByItself,
    HookSetup,
    Reading,
    SlaSetup,
    SlaTarget,
    SlaTerms,
    StatusSetup,
    host_of,
)
from connector.psa.values import Json, flag, number, text

NO_TARGET_H = 9999.0
"""Hours or days from which on nothing is promised (facts §5)."""

_UNITS = {"M": 1.0, "H": 60.0}


async def read_sla_setup(session: Session) -> SlaSetup:
    """What the API tells. AuthFailed if we are not let in."""
    api, reading, closed = session.api, Reading(), session.config.closed_statuses
    statuses = [
        row
        for row in await reading.rows("statuses", api.whole("Status"))
        if number(row, "type") == TICKETS and ident(row, "id")
    ]
    slas = await reading.rows("SLA", api.whole("SLA"))
    rows = [row for row in await reading.rows("targets", api.whole("Priority")) if not flag(row, "ishidden")]
    types = await reading.rows("SLA", api.whole("TicketType"))
    sites = await reading.rows("agreed SLA", api.rows("Site", {}))
    hooks = await reading.rows("webhooks", api.whole("Webhook"))
    defaults = {ident(row, "default_sla") for row in types} - {0}
    if statuses and not any(text(row, "slaaction") for row in statuses):
        reading.untold.setdefault("statuses", "Halo shows of no status what it does to the SLA's clock")
    if any(text(row, "fixunits") == "D" and number(row, "fixtime") < NO_TARGET_H for row in rows):
        reading.untold.setdefault("targets", "Halo does not tell how long the days of its targets are")
    return SlaSetup(
        statuses=tuple(_status(row, closed) for row in statuses),
        slas=tuple(_terms(row, rows, ident(row, "id") in defaults) for row in slas),
        priorities=tuple(dict.fromkeys(text(row, "name") for row in rows)),
        agreed=_agreed(sites),
        by_itself=(*_closing(statuses, closed), *_of_types(types, statuses, closed)),
        hooks=tuple(map(_hook, hooks)),
        untold=reading.untold,
    )


def _status(row: Json, closed: Collection[int]) -> StatusSetup:
    return StatusSetup(name=text(row, "name"), stage=_stage(row), closed=ident(row, "id") in closed)


def _stage(row: Json) -> str:
    return "NoEscalation" if "hold" in text(row, "slaaction").casefold() else ""


def _terms(row: Json, priorities: Iterable[Json], default: bool) -> SlaTerms:
    own = [one for one in priorities if ident(one, "slaid") == ident(row, "id")]
    return SlaTerms(
        id=text(row, "id"),
        name=text(row, "name"),
        hours="calendar" if ident(row, "workday_id") else "unknown",
        calendar=text(row, "workday_id"),
        default=default,
        targets=tuple(
            SlaTarget(
                priority=text(one, "name"),
                minutes=_minutes(one, row),
                calendar=str(ident(one, "workdaysoverride") or ""),
            )
            for one in own
        ),
    )


def _minutes(priority: Json, sla: Json) -> dict[PromiseName, float]:
    """A promise whose units are not understood lacks, and so does one that the SLA does not track."""
    found: dict[PromiseName, float] = {}
    fields: tuple[tuple[PromiseName, str, str], ...] = (
        ("response", "response", "trackslaresponsetime"),
        ("resolution", "fix", "trackslafixbytime"),
    )
    for promise, name, tracked in fields:
        time, unit = number(priority, f"{name}time"), _UNITS.get(text(priority, f"{name}units").upper())
        if unit and 0 < time < NO_TARGET_H and sla.get(tracked) is not False:
            found[promise] = time * unit
    return found


def _agreed(sites: Iterable[Json]) -> dict[str, tuple[str, ...]]:
    """SLAs of sites, by client."""
    found: dict[str, dict[str, None]] = {}
    for row in sites:
        client, sla = int(number(row, "client_id")), ident(row, "sla_id")
        if client and sla:
            found.setdefault(str(client), {})[str(sla)] = None
    return {client: tuple(slas) for client, slas in found.items()}


def _closing(statuses: Iterable[Json], closed: Collection[int]) -> list[ByItself]:
    """Statuses after which a ticket is closed by itself."""
    return [
        ByItself(
            effect="resolution",
            where=f"status '{text(row, 'name')}'",
            found=f"tickets in '{text(row, 'name')}' are closed by themselves after a while",
        )
        for row in statuses
        if ident(row, "statuschangeto") in closed and ident(row, "id") not in closed
    ]


def _of_types(types: Iterable[Json], statuses: Iterable[Json], closed: Collection[int]) -> Iterable[ByItself]:
    names = {ident(row, "id"): row for row in statuses}
    for row in types:
        where = f"ticket type '{text(row, 'name')}'"
        if number(row, "auto_respond_logged_manually") > 0:
            yield ByItself(
                effect="response",
                where=where,
                found="a ticket that an agent logs counts as responded at once, whether or not the customer "
                "was contacted",
            )
        into = names.get(ident(row, "reopenedstatus"))
        if into is not None and ident(into, "id") in closed:
            name = text(into, "name")
            yield ByItself(
                effect="stays_closed", where=where, found=f"a reopened ticket is put into '{name}'"
            )
        elif into is not None and _stage(into):
            name = text(into, "name")
            yield ByItself(
                effect="stands_still",
                where=where,
                found=f"a reopened ticket is put into '{name}', which stops the SLA's clock",
            )


def _hook(row: Json) -> HookSetup:
    broken = "switched off" if row.get("active") is False else ""
    if flag(row, "disabled"):
        broken = "switched off by Halo after failures"
    return HookSetup(name=text(row, "name") or "without a name", to=host_of(text(row, "url")), broken=broken)
