"""What was deleted: a list that Halo has, and that is not believed without a look.

A parameter that Halo does not know it ignores, and then the list of deleted tickets holds living ones. So
each is asked for by itself; there are few. Whether a deletion moves the date that is asked for, nobody has
written down: where it does not, the sweep finds the ticket gone. Source: facts §2, §3.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from connector.errors import ContractViolation, NotFound
from connector.psa.halo.fetching import is_gone
from connector.psa.halo.session import Session
from connector.psa.halo.values import ident, stamp
from connector.psa.port import Batch, Cursor
from connector.psa.together import together
from connector.psa.transport import Forbidden
from connector.psa.values import instant

DELETIONS = "deletions"
OFTEN = timedelta(minutes=5)
"""How often it is asked what was deleted."""

SAMPLE = 3
"""If none of the first so many is gone, the list is not what was asked for."""


def query(since: datetime) -> dict[str, Any]:
    """The parameters of the list of what was deleted after `since`."""
    return {"order": "id", "domain": "reqs", "deleted": True, "lastupdatefromdate": stamp(since)}


async def read_deletions(session: Session, cursor: Cursor, now: datetime) -> Batch:
    """Tickets deleted since the last time. NotFound if the list holds others, too."""
    following = {"since": (now - session.overlap).isoformat(), "due": (now + OFTEN).isoformat()}
    since = instant(cursor, "since")
    if since is None:
        return Batch(cursor=following)  # what was deleted before the first reading was never seen
    rows = await session.api.rows("Tickets", query(since))
    ids = sorted({ident(row, "id") for row in rows if isinstance(row, dict)} - {0})
    sample = await _gone(session, ids[:SAMPLE])
    if ids and not sample:
        raise NotFound(f"the list of deleted tickets is none: it holds {ids[0]}, which is there")
    gone = sample | await _gone(session, ids[SAMPLE:])
    return Batch(gone=frozenset(map(str, gone)), cursor=following)


async def _gone(session: Session, ids: Sequence[int]) -> set[int]:
    """Those of them that are not there any more, each asked for by itself."""
    answers = await together(_is_gone(session, number) for number in ids)
    return {number for number, gone in zip(ids, answers, strict=True) if gone}


async def _is_gone(session: Session, number: int) -> bool:
    try:
        row = await session.api.record(f"Tickets/{number}", {"nocache": True})
    except NotFound:
        return True
    except (Forbidden, ContractViolation):
        return False  # it may be there, and not for our eyes
    return row is None or is_gone(row)
