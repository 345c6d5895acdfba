"""Which stage of its SLA a PSA gives each status, as the daemon found it at its last start.

Kept so that whoever looks back tells the same of the PSA's own verdict as the daemon. Lose it and it is
found again at the next start.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store import cursors

_NAME = "stages"


async def get(tx: AsyncConnection, conn: str) -> dict[str, str]:
    """Casefolded status -> the vendor's stage; empty before the first start."""
    return await cursors.get(tx, conn, _NAME) or {}


async def put(tx: AsyncConnection, conn: str, stage_of: Mapping[str, str], at: datetime) -> None:
    await cursors.put(tx, conn, _NAME, stage_of, at)
