"""A few rows in every table there is, whatever it means: odd text, far instants, gaps."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, Integer
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store.schema import metadata
from connector.store.sql import Instant
from connector.store.whole import rows

TEXTS = ("", "plain", 'it\'s; drop -- \\t\t\r\n"quoted"', "Ω 😀 \u202e", "\\N", "{}", "1", "NULL")
ROWS = len(TEXTS)
_ONCE = ("link", "deliver_id")


async def fill(tx: AsyncConnection, offset: int = 0) -> None:
    """ROWS rows in each; other ones for another offset."""
    for one in rows.tables():
        columns = metadata.tables[one.name].c
        named = [columns[part.name] for part in one.columns]
        made = [tuple(_value(column, number + offset) for column in named) for number in range(ROWS)]
        await rows.put(tx, one, made)
        await rows.count_on(tx, one)


def _value(column: Column[Any], number: int) -> Any:
    if column.nullable and number % 3 == 0:
        return None
    if isinstance(column.type, Boolean):
        return number % 2 == 0
    if isinstance(column.type, Integer):
        return number + 1
    if isinstance(column.type, Instant):
        return (-1) ** number * 1_700_000_000_000_000 // 7 ** (number % 9)
    text = TEXTS[number % ROWS]
    return f"{text}{number}" if column.primary_key or column.name in _ONCE else text
