"""What Autotask itself says of its SLA: kept or broken, from results that it keeps beside the ticket.

The ticket has a field for it that stays empty on live tenants, and the hours are counted on a clock of the
PSA's own, so they are not worked out here. One request tells of up to 500 tickets (facts §4, §8).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from connector.model import PsaVerdict
from connector.psa.autotask.filters import in_, split
from connector.psa.autotask.session import Session
from connector.psa.port import Snapshot
from connector.psa.together import together
from connector.psa.values import Json, text

RESULTS = "SLA results"
ENTITY = "ServiceLevelAgreementResults"
_FIELDS = ("id", "ticketID", "isFirstResponseMet", "isResolutionPlanMet", "isResolutionMet")


async def judged(session: Session, snapshots: Sequence[Snapshot]) -> tuple[Snapshot, ...]:
    """The snapshots, those with a verdict of the PSA's own saying so. No request where there can be none."""
    asked = [int(s.ticket.id) for s in snapshots if _open_question(s.ticket.psa)]
    lists = await together(
        session.optional(RESULTS, partial(session.api.rows, ENTITY, in_("ticketID", group), fields=_FIELDS))
        for group in split(asked)
    )
    by_ticket = _by_ticket(row for rows in lists for row in rows)
    return tuple(_with(s, by_ticket.get(s.ticket.id)) for s in snapshots)


def met(row: Json, says: PsaVerdict) -> bool | None:
    """Whether the SLA was kept: no, once a stage that is over was late; yes, once it is solved in time.

    A stage without a date is not over, whatever its result says: an empty one may be told as false.
    """
    over = {
        "isFirstResponseMet": says.response_at,
        "isResolutionPlanMet": says.resplan_at,
        "isResolutionMet": says.resolved_at,
    }
    told = {name: row[name] for name, at in over.items() if at is not None and type(row.get(name)) is bool}
    return False if False in told.values() else told.get("isResolutionMet")


def _open_question(says: PsaVerdict) -> bool:
    return says.sla_met is None and (says.response_at or says.resplan_at or says.resolved_at) is not None


def _by_ticket(rows: Iterable[Any]) -> dict[str, Json]:
    """The last result of each ticket."""
    return {text(row, "ticketID"): row for row in rows if isinstance(row, Mapping)}


def _with(shown: Snapshot, row: Json | None) -> Snapshot:
    says = shown.ticket.psa
    verdict = met(row, says) if row is not None and says.sla_met is None else None
    if verdict is None:
        return shown
    return replace(shown, ticket=replace(shown.ticket, psa=replace(says, sla_met=verdict)))
