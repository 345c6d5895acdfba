"""One turn of one connection: observe, assess, diff, write. Idempotent and bounded.

Everything the turn decides is committed in one transaction before the PSA is touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connector.daemon import improve, observe
from connector.daemon.assess import assess_tickets
from connector.daemon.connection import BATCH, Connection
from connector.daemon.write import write_owed
from connector.rules.policy import Policy
from connector.store import assessments


@dataclass(frozen=True, slots=True)
class Outcome:
    observed: int
    assessed: int
    written: int
    lagging: bool  # a stream is not read to its end; turn again at once
    busy: bool  # there was something to do, so there may be more


async def turn(c: Connection) -> Outcome:
    """Do what is due now. Raises what the adapter raises; what was committed before stays."""
    now = c.now()
    seen = await observe.gather(c, now)
    async with c.store.begin() as tx:
        changed = await observe.record(tx, c, seen, now)
        await improve.refresh(tx, c, _policies(c), now)
        due: list[str] = []
        if not seen.lagging:
            due = await assessments.due(tx, c.name, now, BATCH)
            due += await _under_old_rules(c, tx)
        provisional = changed - seen.whole if seen.lagging else set()
        done = await assess_tickets(tx, c, changed | set(due), now, provisional=provisional)
    written = await write_owed(c, now) if c.write_back else 0
    return Outcome(
        observed=len(seen.snapshots),
        assessed=len(done),
        written=written,
        lagging=seen.lagging,
        busy=bool(seen.handled or done or written),
    )


def _policies(c: Connection) -> list[Policy]:
    return [p for p in c.clients().policies if p.match is not None and p.match.connection == c.name]
