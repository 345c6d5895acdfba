"""The risk model a connection's tickets taught, as plain numbers. Lose it and it is learnt again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.rules.risk import Model
from connector.store import cursors

_NAME = "risk"


async def get(tx: AsyncConnection, conn: str) -> Model | None:
    """None if nothing was learnt yet, or by a program that learnt otherwise."""
    try:
        kept = await cursors.get(tx, conn, _NAME)
        return None if kept is None else Model.from_json(kept)
    except ValueError:
        return None


async def put(tx: AsyncConnection, conn: str, model: Model, at: datetime) -> None:
    await cursors.put(tx, conn, _NAME, model.to_json(), at)
