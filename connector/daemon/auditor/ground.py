"""What is read of the sampled tickets: from the store in one snapshot, and a ticket or two from the PSA."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.daemon.assess import history_only
from connector.daemon.connection import Connection
from connector.errors import ConnectorError
from connector.history.ours import ours
from connector.model import Event, PxFigure, Timeline
from connector.psa.port import Snapshot
from connector.rules.authorship.judgement import Learnt
from connector.rules.authorship.templates import sightings
from connector.rules.experience import px, px_text
from connector.rules.policy import Policy
from connector.rules.risk import Model
from connector.store import (
    audited,
    cursors,
    events,
    models,
    people,
    ratings,
    rulings,
    stages,
    strangers,
    templates,
    tickets,
)
from connector.store.audited import Kept
from connector.store.history import Change
from connector.store.strangers import Strange
from connector.store.tickets import StoredTicket

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """A ticket as the PSA has it: the snapshot, and what has been said on it."""

    snapshot: Snapshot
    events: tuple[Event, ...]


@dataclass(slots=True, kw_only=True)
class Ground:
    """Of the sampled tickets, all that the checks need. `figures`: by policy digest, None where the client's
    PX is about to be told anew. `busy`: something is owed to it, or it cannot be read."""

    first_run: datetime
    rows: Mapping[str, StoredTicket]
    kept: Mapping[str, Kept]
    timelines: Mapping[str, Timeline]
    changes: Mapping[str, Sequence[Change]]
    strange: Mapping[str, Sequence[Strange]]
    policies: dict[str, Policy] = field(default_factory=dict)
    figures: dict[str, PxFigure | None] = field(default_factory=dict)
    learnt: Learnt
    model: Model | None
    stage_of: Mapping[str, str]
    desk: frozenset[str]
    changed_at: datetime | None  # when something else that verdicts rest on may have changed last
    mine: set[str]
    busy: set[str]

    def past(self, ticket_id: str) -> bool:
        """Whether it is gone, or was closed before we came."""
        row = self.rows.get(ticket_id)
        return row is None or row.gone or history_only(row, self.first_run)


async def read_psa(c: Connection, ids: Sequence[str]) -> dict[str, Shown]:
    """These tickets as the PSA has them now; those it no longer has, or that cannot be read, are left out.

    Nothing where the PSA will not be read: that is the turns' trouble, and told there.
    """
    if not ids:
        return {}
    try:
        batch = await c.psa.observe(ids)
    except ConnectorError as error:
        log.info("audit without the PSA", connection=c.name, error=str(error))
        return {}
    bad = {one.ticket_id for one in batch.malformed}
    said: dict[str, list[Event]] = {}
    for ticket_id, event in batch.events:
        said.setdefault(ticket_id, []).append(event)
    return {
        one.ticket.id: Shown(one, tuple(said.get(one.ticket.id, ())))
        for one in batch.snapshots
        if one.ticket.id not in bad
    }


async def read_store(tx: AsyncConnection, c: Connection, ids: Sequence[str], since: datetime) -> Ground:
    """What the store has of these tickets. `since`: the history that is looked at."""
    rows = await tickets.load(tx, c.name, ids)
    timelines = await events.timelines(tx, c.name, ids)
    seen = {one.line for key, timeline in timelines.items() for one in sightings(key, timeline)}
    began = await cursors.get(tx, c.name, "first_run")
    ground = Ground(
        first_run=datetime.fromisoformat(began["at"]) if began else since,
        rows=rows,
        kept=await audited.kept(tx, c.name, ids),
        timelines=timelines,
        learnt=Learnt(await templates.known(tx, c.name, seen), await rulings.in_force(tx, c.name)),
        model=await models.get(tx, c.name),
        stage_of=await stages.get(tx, c.name),
        desk=await people.get(tx, c.name),
        changed_at=await _changed_at(tx, c),
        mine=await ours(tx, c.name, (row.ticket for row in rows.values())),
        busy=await audited.spoken_for(tx, c.name, ids),
        changes=await audited.changes(tx, c.name, ids, since),
        strange=await strangers.of(tx, c.name, ids, since),
    )
    for ticket_id, row in rows.items():
        policy = c.clients().for_ticket(c.name, row.ticket.client, row.ticket.client_id)
        if policy is not None:
            ground.policies[ticket_id] = policy
            if policy.digest not in ground.figures:
                ground.figures[policy.digest] = await _figure(tx, c, policy)
    return ground


async def _changed_at(tx: AsyncConnection, c: Connection) -> datetime | None:
    """When the desk's people and stages were found last, or somebody's data was erased."""
    found = (await audited.put_at(tx, c.name, "people"), await audited.erased_at(tx, c.name))
    return max((at for at in found if at is not None), default=None)


async def _figure(tx: AsyncConnection, c: Connection, policy: Policy) -> PxFigure | None:
    """The client's PX, counted anew; None where it reads differently from what its tickets were told last."""
    now = c.now()
    told = await cursors.get(tx, c.name, f"px:{policy.client}")
    since = now - timedelta(days=policy.px.window_days)
    figure = px((one.rating for one in await ratings.counted(tx, policy.client, since, now)), policy.px)
    return figure if (told or {}).get("text", "") == px_text(figure) else None
