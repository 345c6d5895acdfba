"""Requests: three headers, pages by id, a moved database, no lock-out, two at once."""

import asyncio
import json
from dataclasses import replace

import httpx
import pytest

from connector.errors import AuthFailed, ConfigError, ContractViolation, Rejected, Throttled, Unavailable
from connector.psa.autotask.api import Api
from connector.psa.autotask.filters import eq, gte
from connector.psa.autotask.pool import Usage
from tests.unit.psa.autotask.kit import CONFIG, ZONE, Server, api

USAGE = {
    "externalRequestThreshold": 10000,
    "requestThresholdTimeframe": 60,
    "currentTimeframeRequestCount": 10,
}
WHERE = gte("id", 0)


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr("connector.psa.retry.wait_s", lambda *_: 0.0)


def items(*rows, next_page=None):
    return {"items": list(rows), "pageDetails": {"count": len(rows), "nextPageUrl": next_page}}


async def test_three_headers_go_to_the_zone_and_none_to_where_it_is_asked_for():
    seen = []

    def look(request):
        seen.append(request.headers)
        return {"url": ZONE} if "zoneInformation" in request.url.path else USAGE

    async with api(Server(zoneInformation=[look], ThresholdInformation=[look])) as it:
        await it.login()
    asked, login = seen
    assert not {"secret", "username", "apiintegrationcode"} & set(asked)
    assert (login["secret"], login["username"], login["apiintegrationcode"]) == (
        CONFIG.secret, CONFIG.user, CONFIG.integration_code,
    )  # fmt: skip
    assert CONFIG.secret not in repr(CONFIG)
    assert CONFIG.integration_code not in repr(CONFIG)
    assert len(CONFIG.hook_secret) <= 64


async def test_a_wrong_secret_is_tried_once_and_never_again():
    server = Server(ThresholdInformation=[httpx.Response(401)], Tickets__query=[items()])
    async with api(server) as it:
        with pytest.raises(AuthFailed):
            await it.login()
        for _ in range(3):
            with pytest.raises(AuthFailed):
                await it.rows("Tickets", WHERE)
    assert len(server.paths("ThresholdInformation")) == 1
    assert len(server.paths("zoneInformation")) == 2, "the zone is asked for once more: it may have moved"
    assert server.paths("query") == []


async def test_a_user_nobody_knows_is_refused_for_good_too():
    refused = httpx.Response(500, json={"errors": ["The API user could not be found."]})
    server = Server(ThresholdInformation=[refused])
    async with api(server) as it:
        for _ in range(2):
            with pytest.raises(AuthFailed, match="check user"):
                await it.login()
    assert len(server.paths("ThresholdInformation")) == 1


async def test_an_answer_to_the_login_that_was_cut_short_is_no_refusal():
    cut = httpx.Response(200, content=b'{"externalRequestThreshold": 10000, "request')
    async with api(Server(ThresholdInformation=[cut, USAGE])) as it:
        with pytest.raises(ContractViolation):
            await it.login()
        assert (await it.login()).threshold > 0


async def test_requests_side_by_side_are_all_stopped_by_the_first_refusal():
    server = Server(Tickets__query=[httpx.Response(401)], TicketNotes__query=[httpx.Response(401)])
    async with api(server) as it:
        calls = [it.rows(entity, WHERE) for entity in ("Tickets", "TicketNotes") * 5]
        found = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(one, AuthFailed) for one in found)
    assert all(str(one).count("refuses our login") == 1 for one in found)
    assert len(server.paths("query")) <= 4
    assert len(server.paths("zoneInformation")) == 2


async def test_where_the_zone_cannot_be_asked_for_a_refused_secret_is_not_sent_again():
    down = httpx.Response(503)
    server = Server(
        zoneInformation=[{"url": ZONE}, *[down] * 15, {"url": ZONE}], Tickets__query=[httpx.Response(401)]
    )
    async with api(server) as it:
        for _ in range(3):
            with pytest.raises(Unavailable):
                await it.rows("Tickets", WHERE)
        assert len(server.paths("query")) == 1
        for _ in range(3):
            with pytest.raises(AuthFailed):
                await it.rows("Tickets", WHERE)
    assert len(server.paths("query")) == 2


async def test_a_database_that_was_moved_is_found_again():
    there = {"url": "https://webservices5.autotask.net/ATServicesRest/"}
    server = Server(
        zoneInformation=[{"url": ZONE}, there],
        Tickets__query=[
            lambda r: httpx.Response(401) if r.url.host.startswith("webservices2.") else items({"id": 1})
        ],
    )
    async with api(server) as it:
        assert await it.rows("Tickets", WHERE) == [{"id": 1}]
        assert (await it.zone()).host.host == "webservices5.autotask.net"
    assert len(server.paths("zoneInformation")) == 2


async def test_a_zone_written_down_is_not_asked_for():
    server = Server(Tickets__query=[httpx.Response(401)])
    async with api(server, replace(CONFIG, zone="webservices9.autotask.net")) as it:
        with pytest.raises(AuthFailed, match="check user, secret, the zone, and whether the user is locked"):
            await it.rows("Tickets", WHERE)
    assert server.paths("zoneInformation") == []


async def test_pages_are_turned_by_the_last_id():
    pages = [items({"id": 3}, {"id": 9}), items({"id": 12})]
    server = Server(Tickets__query=pages)
    async with api(server, replace(CONFIG, page_size=2)) as it:
        assert [row["id"] for row in await it.rows("Tickets", eq("status", 1))] == [3, 9, 12]
    last = server.asked[-1][2]["filter"][0]
    assert last["items"][-1] == {"op": "gt", "field": "id", "value": 9}
    assert server.paths("next") == []


async def test_a_short_page_with_a_next_one_is_not_the_last():
    server = Server(Tickets__query=[items({"id": 3}, next_page="https://elsewhere.example/"), items()])
    async with api(server) as it:
        assert [row["id"] for row in await it.rows("Tickets", WHERE)] == [3]
    assert len(server.paths("query")) == 2


async def test_pages_that_do_not_move_on_are_an_error_and_no_circle():
    server = Server(Tickets__query=[items({"id": 3}, next_page="x")])
    async with api(server) as it:
        with pytest.raises(ContractViolation, match="twice"):
            await it.rows("Tickets", WHERE)


async def test_a_cut_off_answer_is_asked_for_again_then_an_outage():
    whole = json.dumps(items({"id": 1})).encode()
    cut = httpx.Response(200, content=whole[:-9])
    async with api(Server(Tickets__query=[cut, items({"id": 1})])) as it:
        assert len(await it.rows("Tickets", WHERE)) == 1
    async with api(Server(Tickets__query=[cut])) as it:
        with pytest.raises(Unavailable):
            await it.rows("Tickets", WHERE)


async def test_a_query_is_repeated_after_an_outage_and_a_creation_is_not():
    server = Server(Tickets__query=[httpx.Response(502), items()], TicketWebhooks=[httpx.Response(502)])
    async with api(server) as it:
        assert await it.rows("Tickets", WHERE) == []
        with pytest.raises(Unavailable):
            await it.post("TicketWebhooks", {})
    assert len(server.paths("TicketWebhooks")) == 1


async def test_a_refusal_in_words_is_for_good():
    refused = httpx.Response(500, json={"errors": ["Unable to find foo in the Ticket Entity."]})
    server = Server(Tickets__query=[refused])
    async with api(server) as it:
        with pytest.raises(Rejected, match="Unable to find foo"):
            await it.rows("Tickets", WHERE)
    assert len(server.paths("query")) == 1


async def test_never_more_than_two_at_once_at_one_endpoint():
    busy, most = 0, 0

    async def slow(request):
        nonlocal busy, most
        if "query" not in request.url.path:
            return httpx.Response(200, json={"url": ZONE})
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0)
        busy -= 1
        return httpx.Response(200, json=items())

    async with api(slow, replace(CONFIG, concurrency=16)) as it:
        await asyncio.gather(*(it.rows("Tickets", WHERE) for _ in range(12)))
    assert most == 2


async def test_history_is_asked_by_this_one_filter():
    server = Server(TicketHistory__query=[items({"id": 1})])
    async with api(server) as it:
        await it.history(77)
    assert server.asked[-1][2] == {"filter": [{"op": "eq", "field": "ticketID", "value": 77}]}


async def test_we_give_way_before_others_are_slowed_down():
    async with api(Server(Tickets__query=[items()])) as it:
        budget = it.transport.budget
        assert budget.state().limit_per_minute == pytest.approx(4000 / 60)
        it.give_way(Usage(10_000, 3_000))
        assert budget.state().limit_per_minute == pytest.approx(1500 / 60)
        it.give_way(Usage(10_000, 9_600))
        with pytest.raises(Throttled):
            await it.rows("Tickets", WHERE)


@pytest.mark.parametrize("name", ["user", "secret", "integration_code"])
def test_what_no_header_can_carry_is_said_at_once_and_not_shown(name):
    with pytest.raises(ConfigError, match=name) as caught:
        Api(replace(CONFIG, **{name: "pässword"}))
    assert "pässword" not in str(caught.value)
