"""Halo's lists: `pageinate`, a cap of 100 rows a page whatever is asked, and an envelope that varies.

Without `pageinate` a list is cut to `count`, and that is small when it is not given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from connector.simulator.faults import Faults
from connector.simulator.halo.values import Json, truth, whole
from connector.simulator.web import Ask, Reply

CAP = 100
DEFAULT = 50

R = TypeVar("R")


def page(
    ask: Ask, key: str, rows: Sequence[R], shape: Callable[[R], Any], faults: Faults, **more: Any
) -> Reply:
    """One page of a list: `{record_count, <key>: […]}`, with page_no and page_size if they were asked for."""
    out: Json = {**more, "record_count": len(rows)}
    if truth(ask.query.get("pageinate", "")):
        size = min(_positive(ask, "page_size", DEFAULT), faults.page_cap or CAP)
        number = 1 if _re_sends(ask, faults) else _positive(ask, "page_no", 1)
        out |= {"page_no": number, "page_size": size}
        rows = rows[(number - 1) * size : number * size]
    else:
        rows = rows[: _positive(ask, "count", DEFAULT)]
    return Reply.of({**out, key: [shape(row) for row in rows]})


def _positive(ask: Ask, name: str, default: int) -> int:
    found = whole(ask.query.get(name, ""))
    return found if found is not None and found > 0 else default


def _re_sends(ask: Ask, faults: Faults) -> bool:
    return any(
        ask.path.casefold().startswith(part.strip().casefold())
        for part in faults.ignores_paging.split(",")
        if part.strip()
    )
