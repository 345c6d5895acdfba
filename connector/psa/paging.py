"""Reading on, page by page, without ever going round in circles.

Only the position is taken out of a `Link` header: its host may be another one (ConnectWise names the
non-API host), and credentials never follow a link.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import httpx

from connector.errors import ContractViolation


def position(links: Mapping[str | None, Mapping[str, str]], parameter: str) -> int | None:
    """The number that the `next` link carries in a query parameter; None if there is no such link."""
    target = links.get("next", {}).get("url")
    if not target:
        return None
    try:
        return int(httpx.URL(target).params[parameter])
    except (KeyError, ValueError, httpx.InvalidURL):
        return None


def advance(after: int, ids: Iterable[int], proposed: int | None, where: str) -> int:
    """The position after this page: the vendor's, else the page's last id. It must have moved on.

    ContractViolation if the page repeats what was read before or the next position does not grow.
    """
    last = max(ids)
    if last <= after:
        raise ContractViolation(f"{where}: a page came twice (up to id {last} after id {after})")
    following = last if proposed is None else proposed
    if following <= after:
        raise ContractViolation(f"{where}: paging does not move on (from {after} to {following})")
    return following
