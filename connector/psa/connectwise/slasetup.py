"""How a ConnectWise instance counts its SLA: statuses, SLAs with their rows, agreements, boards, callbacks.

A status fulfils a promise by its `escalationStatus`; a priority's row stands above the SLA's own hours.
Source: facts §6.3, §6.5, §6.7; schemas SLA, SLAPriority, Board, Agreement of the vendor's specification.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connector.model import PromiseName
from connector.psa.connectwise.api import Api
from connector.psa.connectwise.hooks import PATH as CALLBACKS
from connector.psa.connectwise.session import Session
from connector.psa.slasetup import (
    ByItself,
    HookSetup,
    Hours,
    Reading,
    SlaSetup,
    SlaTarget,
    SlaTerms,
    StatusSetup,
    host_of,
)
from connector.psa.together import together
from connector.psa.values import Json, flag, number, numbered, part, text

_HOURS: Mapping[PromiseName, str] = {
    "response": "respondHours",
    "resplan": "planWithin",
    "resolution": "resolutionHours",
}
_BASED_ON: Mapping[str, Hours] = {"AllHours": "always", "Custom": "calendar", "Customer": "company"}
_ASSIGNS = ("autoAssignNewTicketsFlag", "autoAssignNewECTicketsFlag", "autoAssignNewPortalTicketsFlag")
_STILL = {"NoEscalation": "stops the SLA's clock", "Resolved": "counts as resolved"}


async def read_sla_setup(session: Session) -> SlaSetup:
    """What the API tells. AuthFailed if we are not let in."""
    api, reading = session.api, Reading()
    boards = [
        row
        for row in numbered(await reading.rows("statuses", api.rows("service/boards")))
        if not flag(row, "inactiveFlag") and not flag(row, "projectFlag")
    ]
    lists = await together(
        reading.rows("statuses", api.rows(f"service/boards/{row['id']}/statuses")) for row in boards
    )
    by_board = [(board, [_status(board, row) for row in rows if not flag(row, "inactive")])
                for board, rows in zip(boards, lists, strict=True)]  # fmt: skip
    priorities = [text(row, "name") for row in await reading.rows("targets", api.rows("service/priorities"))]
    slas = await _slas(api, reading, priorities)
    by_company = any(one.hours == "company" for one in slas)
    return SlaSetup(
        statuses=tuple(status for _, statuses in by_board for status in statuses),
        slas=tuple(slas),
        priorities=tuple(priorities),
        agreed=_agreed(await reading.rows("agreed SLA", api.rows("finance/agreements", fields=_AGREEMENT))),
        calendar_of=await _calendars(api, reading) if by_company else {},
        by_itself=tuple(one for board, statuses in by_board for one in _reopening(board, statuses)),
        hooks=tuple(map(_hook, await reading.rows("webhooks", api.rows(CALLBACKS)))),
        auto_assigns=tuple(text(row, "name") for row in boards if any(flag(row, name) for name in _ASSIGNS)),
        untold=reading.untold,
    )


_AGREEMENT = "id,company,sla,agreementStatus,cancelledFlag"


def _status(board: Json, row: Json) -> StatusSetup:
    return StatusSetup(
        name=text(row, "name"),
        stage=text(row, "escalationStatus"),
        where=text(board, "name"),
        first=flag(row, "defaultFlag"),
        closed=flag(row, "closedStatus"),
    )


async def _slas(api: Api, reading: Reading, priorities: Iterable[str]) -> list[SlaTerms]:
    rows = numbered(await reading.rows("SLA", api.rows("service/SLAs")))
    own = await together(
        reading.rows("targets", api.rows(f"service/SLAs/{row['id']}/priorities")) for row in rows
    )
    return [_terms(row, below, priorities) for row, below in zip(rows, own, strict=True)]


def _terms(row: Json, below: Iterable[Json], priorities: Iterable[str]) -> SlaTerms:
    by_name = {text(part(one, "priority"), "name"): one for one in below}
    return SlaTerms(
        id=text(row, "id"),
        name=text(row, "name"),
        hours=_BASED_ON.get(text(row, "basedOn"), "unknown"),
        calendar=text(part(row, "customCalendar"), "id"),
        default=flag(row, "defaultFlag"),
        targets=tuple(SlaTarget(priority=one, minutes=_minutes(by_name.get(one, row))) for one in priorities),
    )


def _minutes(row: Json) -> dict[PromiseName, float]:
    found = {promise: number(row, name) * 60 for promise, name in _HOURS.items()}
    return {promise: minutes for promise, minutes in found.items() if minutes > 0}


def _agreed(rows: Iterable[Json]) -> dict[str, tuple[str, ...]]:
    """SLAs of agreements in force, by company."""
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        company, sla = text(part(row, "company"), "id"), text(part(row, "sla"), "id")
        over = flag(row, "cancelledFlag") or text(row, "agreementStatus") not in ("", "Active")
        if company and sla and not over:
            found.setdefault(company, {})[sla] = None
    return {company: tuple(slas) for company, slas in found.items()}


async def _calendars(api: Api, reading: Reading) -> dict[str, str]:
    rows = await reading.rows("hours", api.rows("company/companies", fields="id,calendar"))
    return {text(row, "id"): found for row in rows if (found := text(part(row, "calendar"), "id"))}


def _reopening(board: Json, statuses: list[StatusSetup]) -> Iterable[ByItself]:
    """What a customer's mail on a closed ticket does, where the board says so."""
    where = f"board '{text(board, 'name')}'"
    if board.get("emailConnectorAllowReopenClosedFlag") is False:
        yield ByItself(
            effect="stays_closed", where=where, found="a customer's mail does not reopen a closed ticket"
        )
        return
    name = text(part(board, "emailConnectorReopenStatus"), "name")
    into = next((one for one in statuses if one.name == name), None)
    if into is not None and (does := _STILL.get(into.stage)):
        yield ByItself(
            effect="stands_still",
            where=where,
            found=f"a ticket that a customer's mail reopens is put into '{name}', which {does}",
        )


def _hook(row: Mapping[str, Any]) -> HookSetup:
    return HookSetup(
        name=text(row, "description") or f"callback {text(row, 'id')}",
        to=host_of(text(row, "url")),
        broken="switched off, as ConnectWise does after three days of failures"
        if flag(row, "inactiveFlag")
        else "",
    )
