"""The page of one client: what a manager wants to have read before the next call with them."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import PurePath
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from connector.errors import NotFound
from connector.history.clientpage import LISTED, ClientPage, client_page
from connector.history.clientwaits import TOLD, Waits
from connector.history.explain import BUCKET_WORDS, duration, local
from connector.history.misses import Misses
from connector.model import BUCKETS
from connector.rules.causes import WORDS
from connector.rules.lines import zone_named
from connector.rules.policy import Policy
from connector.web.charts import figure_words, px_chart, waits_chart
from connector.web.deps import WebDeps
from connector.web.filters import LENGTH
from connector.web.pages import page
from connector.web.timeline_svg import WHO


class Client:
    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    async def show(self, request: Request) -> Response:
        """GET /client?name=…: 404 for a client without a file that can be used."""
        name, now = request.query_params.get("name", "")[:LENGTH], self._deps.now()
        try:
            async with self._deps.store.read() as tx:
                found = await client_page(tx, self._deps.clients(), name, now)
        except NotFound as error:
            return self._page(404, trouble=str(error))
        return await asyncio.to_thread(lambda: self._page(200, trouble="", **values(found, now)))

    def _page(self, status: int, **shown: Any) -> Response:
        return page("client.html", status=status, title=self._deps.title, page="client", **shown)


def values(found: ClientPage, now: datetime) -> dict[str, Any]:
    """What the page shows; times are the client's own."""
    policy, waits = found.policy, found.waits
    name = policy.calendar.timezone
    zone = zone_named(name)
    return {
        "client": found,
        "policy": policy,
        "zone": name,
        "now": local(now, name),
        "chart": px_chart(found.points, policy.px.target, policy.reward, zone, found.turns),
        "weeks": [(local(one.at, name), one.figure, figure_words(one.figure)) for one in found.points[::-1]],
        **_waits(waits),
        "kept": [(BUCKET_WORDS[one], waits.kept[one], waits.missed[one]) for one in BUCKETS],
        "source": PurePath(policy.source).name,
        "targets": _targets(policy),
        "waiting": [(one, local(one.due, name)) for one in found.waiting[:LISTED]],
        "more_waiting": len(found.waiting) > LISTED,
        "melons": waits.melons[:LISTED],
        "more_melons": max(0, len(waits.melons) - LISTED),
        **_misses(found.misses, name),
        "checkpoints": [
            (one.day, local(one.at, name), figure_words(one.figure) if one.figure else "ahead")
            for one in found.checkpoints
        ],
        "steps": [(local(at, name), told) for at, told in found.steps],
    }


def _waits(waits: Waits) -> dict[str, Any]:
    """Drawings of the promises that ended, and the numbers of all of them by both clocks."""
    both = [(bucket, waits.told[bucket], waits.felt[bucket]) for bucket in TOLD]
    rows = [(b, who, one) for b, told, felt in both for who, one in ((WHO["psa"], told), (WHO["felt"], felt))]
    return {
        "waits": [
            (BUCKET_WORDS[bucket], waits_chart(BUCKET_WORDS[bucket], told, felt))
            for bucket, told, felt in both
            if told.n or felt.n
        ],
        "spreads": [
            (BUCKET_WORDS[b], who, one.n, duration(one.median), duration(one.ninety), duration(one.longest))
            for b, who, one in rows
        ],
    }


def _misses(found: Misses, zone: str) -> dict[str, Any]:
    return {
        "misses": [
            (miss, BUCKET_WORDS[miss.cause.bucket], local(miss.at, zone), WORDS[miss.cause.kind])
            for miss in found.each[:LISTED]
        ],
        "more_misses": max(0, len(found.each) - LISTED),
        "causes": [(WORDS[share.kind], share) for share in found.by_cause],
    }


def _targets(policy: Policy) -> list[tuple[str, list[str]]]:
    """By priority as the file says them, the one for all others last; told where other hours count."""
    rows = sorted(policy.targets.items(), key=lambda row: (row[0] == "*", row[0]))
    return [
        (
            ("all others" if priority == "*" else priority.capitalize())
            + ("" if target.calendar == policy.calendar else ", hours of its own"),
            [duration(target.minutes.get(bucket) or None) for bucket in BUCKETS],
        )
        for priority, target in rows
    ]
