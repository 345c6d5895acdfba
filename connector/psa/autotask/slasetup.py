"""How an Autotask database counts its SLA: little of it is in the API.

Which status is which event is told by `sla_events` of connector.yaml, and what an SLA promises, in which
hours, by nothing at all. So tickets are looked at instead: those without any SLA have no promise.
Source: facts §6, §8.
"""

from __future__ import annotations

from datetime import timedelta

from connector.psa.autotask import registering
from connector.psa.autotask.filters import gte
from connector.psa.autotask.session import EVERYTHING, Session
from connector.psa.autotask.setup import stages
from connector.psa.slasetup import HookSetup, Reading, SlaSetup, SlaTerms, StatusSetup, Topic, host_of
from connector.psa.values import Json, flag, text

SINCE = timedelta(days=30)
"""Tickets opened since are looked at, up to a page of them."""

UNTOLD: dict[Topic, str] = {
    "targets": "Autotask's API does not tell what an SLA promises",
    "hours": "Autotask's API does not tell in which hours an SLA is counted",
    "agreed SLA": "Autotask's API tells an SLA's name only",
    "reopening": "Autotask's API does not tell what a reply to a complete ticket does",
}
_FIELDS = ("id", "serviceLevelAgreementID")


async def read_sla_setup(session: Session) -> SlaSetup:
    """What the API and connector.yaml tell. AuthFailed if we are not let in."""
    api, reading = session.api, Reading()
    statuses, config = session.labels.labels("status"), session.config
    tickets = await reading.rows("SLA", _recent(session))
    hooks = [
        (row, kind)
        for kind in (registering.TICKETS, registering.NOTES)
        for row in await reading.rows("webhooks", api.rows(f"{kind.prefix}s", EVERYTHING))
    ]
    bare = [text(row, "id") for row in tickets if not text(row, "serviceLevelAgreementID")]
    return SlaSetup(
        statuses=tuple(
            StatusSetup(name=name, stage=stage, closed=stage == "Resolved")
            for name, stage in stages(statuses, config.sla_events).items()
        ),
        slas=tuple(
            SlaTerms(id=str(value), name=name)
            for name, value in session.labels.numbers("serviceLevelAgreementID")
        ),
        priorities=session.labels.labels("priority"),
        hooks=tuple(_hook(row, kind) for row, kind in hooks),
        bare=(len(bare), len(tickets), tuple(bare)) if tickets else None,
        untold={**UNTOLD, **reading.untold},
    )


async def _recent(session: Session) -> list[Json]:
    where = gte("createDate", session.now - SINCE)
    return (await session.api.page("Tickets", where, fields=_FIELDS)).rows


def _hook(row: Json, kind: registering.Kind) -> HookSetup:
    broken = "" if flag(row, "isReady") else "not ready: it has no field that it is told of"
    if not flag(row, "isActive"):
        broken = "switched off, as Autotask does after 25 lost events"
    name = text(row, "name") or f"{kind.prefix} {text(row, 'id')}"
    return HookSetup(name=name, to=host_of(text(row, "webhookUrl")), broken=broken)
