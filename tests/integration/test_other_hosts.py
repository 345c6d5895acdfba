"""A PSA that sends us elsewhere: whatever it answers, nobody else is asked or sees a credential."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from connector.errors import ConnectorError
from fuzz import vendors

EVIL = "https://evil.example/v4_6_release/apis/3.0/service/tickets?pageId=9999&conditions=x"
PLACES = ("nextPageUrl", "prevPageUrl", "url", "webUrl", "href", "auth_url", "link", "Location", "info_url")


class Misleading(vendors.Crooked):
    """Names another host wherever an answer may name one, and now and then redirects there."""

    def __init__(self, dialect: Any) -> None:
        super().__init__(dialect)
        self.hosts: set[str] = set()
        self.times = 0
        self.redirects = True

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.hosts.add(request.url.host)
        answer = await super().handle_async_request(request)
        self.times += 1
        body: Any = json.loads(answer.content) if answer.content[:1] in (b"[", b"{") else None
        if isinstance(body, dict):
            details = {**(body.get("pageDetails") or {}), "nextPageUrl": EVIL}
            body |= {name: EVIL for name in PLACES if name not in body} | {"pageDetails": details}
        told = {
            "link": f'<{EVIL}>; rel="next"',
            "location": EVIL,
            "content-location": EVIL,
            "refresh": f"0;url={EVIL}",
        }
        if self.redirects and self.times % 3 == 0:
            return httpx.Response(307, headers=told)
        content = answer.content if body is None else json.dumps(body).encode()
        return httpx.Response(answer.status_code, headers=told, content=content)


@pytest.fixture(params=["connectwise", "autotask", "halo"])
def bench(request: pytest.FixtureRequest) -> Iterator[vendors.Bench]:
    made = next(one for one in vendors.worlds().benches if one.vendor == request.param)
    yield made
    vendors.close()


def test_every_call_of_an_adapter_stays_at_the_host_of_the_settings(bench: vendors.Bench) -> None:
    line = bench.line = Misleading(bench.line.dialect)
    for redirects in (False, True):
        line.redirects, psa = redirects, bench.fresh()
        for call in (vendors._start, *vendors.CALLS):
            line.asked = 0
            with suppress(ConnectorError):
                bench.loop.run_until_complete(call(psa, bench, 1))
    assert line.times > 20
    assert line.hosts == {httpx.URL(vendors.HOST).host}


@pytest.mark.parametrize("status", [302, 308])
def test_a_redirect_is_said_and_not_followed(bench: vendors.Bench, status: int) -> None:
    class Away(vendors.Crooked):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await super().handle_async_request(request)  # which fails on another host
            return httpx.Response(status, headers={"location": EVIL})

    bench.line = Away(bench.line.dialect)
    with pytest.raises(ConnectorError, match=r"redirect, not followed"):
        bench.loop.run_until_complete(bench.fresh().start(vendors.CAPTIONS))
