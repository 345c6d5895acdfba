"""Requests in ConnectWise's dialect: headers, pages of both kinds, and an address that moves."""

import asyncio
import base64

import httpx
import pytest
import respx

from connector.errors import AuthFailed, ContractViolation, NotFound
from connector.psa.connectwise.api import Api, explain
from connector.psa.connectwise.conditions import eq
from tests.unit.psa.connectwise.kit import BASE, HOST, answer, company_info, config, rows


@pytest.fixture
async def api():
    found = Api(config(page_size=2))
    with respx.mock(assert_all_called=False) as router:
        company_info(router)
        yield found, router
    await found.close()


async def test_every_request_carries_keys_client_id_and_version(api):
    found, router = api
    route = router.get(BASE + "service/tickets").mock(return_value=answer(1))
    await found.rows("service/tickets")
    sent = route.calls.last.request.headers
    assert sent["authorization"] == "Basic " + base64.b64encode(b"acme+pub:priv").decode()
    assert sent["clientid"] == "cid"
    assert sent["accept"] == "application/vnd.connectwise.com+json; version=2025.16"
    assert sent["pagination-type"] == "forward-only"
    discovery = next(c.request for c in router.calls if "companyinfo" in c.request.url.path)
    assert "authorization" not in discovery.headers


async def test_conditions_are_sent_with_every_page_and_only_the_position_is_followed(api):
    found, router = api
    route = router.get(BASE + "service/tickets").mock(
        side_effect=[answer(1, 2, after=2), answer(3, 4, after=4), answer(5)]
    )
    assert await found.rows("service/tickets", eq("board/id", 7)) == rows(1, 2, 3, 4, 5)
    asked = [call.request.url.params for call in route.calls]
    assert [params["conditions"] for params in asked] == ["board/id = 7"] * 3
    assert [params.get("pageId") for params in asked] == [None, "2", "4"]
    assert {call.request.url.host for call in route.calls} == {"8.8.8.8"}


@pytest.mark.parametrize(
    "pages",
    [
        [answer(1, 2, after=2), answer(1, 2, after=2)],
        [answer(1, 2, after=2), answer(3, 4, after=2)],
        [answer(1, 2, after=2), answer(3, 4, after=1)],
    ],
)
async def test_paging_that_goes_round_in_circles_is_a_breach(api, pages):
    found, router = api
    router.get(BASE + "x").mock(side_effect=pages)
    with pytest.raises(ContractViolation):
        await found.rows("x")


async def test_an_empty_page_ends_it_even_if_a_link_says_otherwise(api):
    found, router = api
    router.get(BASE + "x").mock(side_effect=[answer(1, 2, after=2), answer(after=9)])
    assert await found.rows("x") == rows(1, 2)


async def test_an_endpoint_without_forward_only_is_read_by_id_in_order(api):
    found, router = api
    route = router.get(BASE + "x/5/y").mock(
        side_effect=[
            httpx.Response(200, json=rows(9, 1)),
            httpx.Response(200, json=rows(1, 4)),
            httpx.Response(200, json=rows(9)),
            httpx.Response(200, json=rows(2)),
        ]
    )
    assert await found.rows("x/5/y", eq("a", 1)) == rows(1, 4, 9)
    asked = [call.request.url.params for call in route.calls][1:]
    assert [params["conditions"] for params in asked] == ["(a = 1 and id > 0)", "(a = 1 and id > 4)"]
    assert {params["orderBy"] for params in asked} == {"id asc"}
    other = router.get(BASE + "x/6/y").mock(return_value=httpx.Response(200, json=rows(2)))
    assert await found.rows("x/6/y") == rows(2)
    assert "pagination-type" not in other.calls.last.request.headers, "learnt for every ticket at once"


async def test_a_moved_codebase_is_looked_up_once_by_all_who_run_into_it(api):
    found, router = api
    await found.address()
    router.get(url__startswith=BASE + "t/").respond(404, html="<h1>Not here</h1>")
    moved = router.get(url__startswith=f"{HOST}/v2026_1/apis/3.0/t/").respond(200, json={"id": 1})
    info = company_info(router, "v2026_1/")
    before = info.call_count
    assert await asyncio.gather(*(found.get(f"t/{i}") for i in range(6))) == [{"id": 1}] * 6
    assert info.call_count - before == 1
    assert moved.call_count == 6


async def test_a_missing_record_does_not_make_us_look_for_another_address(api):
    found, router = api
    gone = {"code": "NotFound", "message": "Ticket 5 not found"}
    router.get(BASE + "service/tickets/5").respond(404, json=gone)
    with pytest.raises(NotFound, match="Ticket 5 not found"):
        await found.get("service/tickets/5")
    assert sum("companyinfo" in c.request.url.path for c in router.calls) == 1


async def test_an_endpoint_that_does_not_exist_is_looked_for_elsewhere_only_now_and_then(api):
    found, router = api
    router.get(BASE + "nope").respond(
        404, json={"code": "ConnectWiseApi", "message": "The endpoint does not exist."}
    )
    for _ in range(5):
        with pytest.raises(NotFound):
            await found.get("nope")
    assert sum("companyinfo" in c.request.url.path for c in router.calls) == 2


@pytest.mark.parametrize("status", [403, 404])
async def test_no_system_info_means_that_we_are_not_let_in(api, status):
    found, router = api
    router.get(BASE + "system/info").respond(status, json={"code": "Security", "message": "no"})
    with pytest.raises(AuthFailed, match="check site, company, public_key, private_key and client_id"):
        await found.server()


@pytest.mark.parametrize("info", [httpx.Response(200, text="null"), httpx.Response(404)])
async def test_a_company_nobody_knows(info):
    with respx.mock() as router:
        router.get(f"{HOST}/login/companyinfo/acme").mock(return_value=info)
        found = Api(config())
        with pytest.raises(AuthFailed, match="does not know the company"):
            await found.get("x")
        await found.close()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"code":"Security","message":"SSL is required.","errors":null}', "Security; SSL is required."),
        (b'{"error":"ConnectWiseAPI","message":"Too many requests."}', "ConnectWiseAPI; Too many requests."),
        (
            b'{"code":"InvalidObject","message":"bad","errors":[{"code":"ObjectExists","message":"there","field":"url"}]}',
            "InvalidObject; bad; url ObjectExists there",
        ),
        (b"<html>secret page</html>", ""),
        (b"[1]", ""),
        (b'{"errors":["odd"]}', ""),
    ],
)
def test_error_bodies_of_every_shape(body, words):
    assert explain(body) == words
