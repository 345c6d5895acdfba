"""Signing keys: fetched carefully, remembered, and not asked for again and again."""

import time

import httpx
import pytest
import respx

from connector.errors import Rejected, Unavailable
from connector.psa.connectwise import keys
from connector.psa.connectwise.api import Api
from connector.psa.connectwise.keys import KeyRing
from tests.unit.psa.connectwise.kit import HOST, company_info, config

URL = httpx.URL(f"{HOST}/v4_6_release//system/callbackkey/index.rails?companyName=acme&id=1")


@pytest.fixture
async def ring():
    api = Api(config())
    with respx.mock(assert_all_called=False) as router:
        company_info(router)
        await api.address()
        yield KeyRing(api.transport, client_id="cid", allow_private=False), router
    await api.close()


async def test_a_key_is_fetched_plainly_and_once(ring):
    found, router = ring
    route = router.get(URL).respond(200, json={"signing_key": "k"})
    assert [await found.get(URL) for _ in range(3)] == ["k"] * 3
    assert route.call_count == 1
    assert "authorization" not in route.calls.last.request.headers


async def test_a_site_that_insists_gets_our_keys(ring):
    found, router = ring
    route = router.get(URL).mock(
        side_effect=[httpx.Response(401), httpx.Response(200, json={"signing_key": "k"})]
    )
    assert await found.get(URL) == "k"
    assert {"authorization", "clientid"} <= set(route.calls.last.request.headers)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404),
        httpx.Response(200, text="no json"),
        httpx.Response(200, json={"other": 1}),
        httpx.Response(200, json={"signing_key": ""}),
        httpx.Response(200, json=["k"]),
        httpx.Response(200, content=b'{"signing_key":"' + b"x" * 70_000 + b'"}'),
    ],
)
async def test_what_is_no_key_is_rejected_and_not_asked_for_again_at_once(ring, answer):
    found, router = ring
    route = router.get(URL).mock(return_value=answer)
    for _ in range(3):
        with pytest.raises(Rejected, match="no key"):
            await found.get(URL)
    assert route.call_count == 1


async def test_a_redirect_is_not_followed(ring, monkeypatch):
    found, router = ring
    monkeypatch.setattr(found._transport, "_attempts", 1)
    router.get(URL).respond(302, headers={"location": "http://169.254.169.254/"})
    inside = router.get("http://169.254.169.254/").respond(200, json={"signing_key": "k"})
    with pytest.raises(Unavailable):
        await found.get(URL)
    assert not inside.called


@pytest.mark.parametrize(
    "host", ["10.0.0.5", "192.168.1.1", "127.0.0.1", "169.254.169.254", "[::1]", "[fd00::1]"]
)
async def test_a_private_address_is_not_asked_unless_allowed(ring, host):
    found, router = ring
    url = httpx.URL(str(URL).replace("8.8.8.8", host))
    route = router.get(url).respond(200, json={"signing_key": "k"})
    with pytest.raises(Rejected, match="private address"):
        await found.get(url)
    assert not route.called
    allowed = KeyRing(found._transport, client_id="cid", allow_private=True)
    assert await allowed.get(url) == "k"


async def test_a_key_that_does_not_fit_any_more_is_asked_for_anew_once_a_minute(ring, monkeypatch):
    found, router = ring
    route = router.get(URL).mock(side_effect=[httpx.Response(200, json={"signing_key": k}) for k in "ab"])
    assert await found.get(URL) == "a"
    assert await found.get(URL, again=True) == "a"
    later = time.monotonic() + keys.AGAIN_S + 1
    monkeypatch.setattr(keys.time, "monotonic", lambda: later)
    assert await found.get(URL, again=True) == "b"
    assert route.call_count == 2


async def test_only_so_many_keys_are_remembered(ring):
    found, router = ring
    router.get(url__startswith=str(URL)).respond(200, json={"signing_key": "k"})
    for i in range(keys.REMEMBERED * 2):
        found._tried.clear()  # a minute goes by
        await found.get(httpx.URL(f"{URL}{i}"))
    assert len(found._keys) == keys.REMEMBERED


async def test_strangers_use_up_no_patience_of_the_psa_and_the_good_key_is_kept(ring):
    found, router = ring
    good = router.get(URL).respond(200, json={"signing_key": "k"})
    strange = router.get(url__regex=r".*&id=x\d+$").respond(404)
    assert await found.get(URL) == "k"
    refused = []
    for number in range(200):
        with pytest.raises((Rejected, Unavailable)) as caught:
            await found.get(httpx.URL(f"{str(URL)[:-1]}x{number}"))
        refused.append(type(caught.value))
    assert strange.call_count == keys.STRANGE - 1  # the good one was a stranger once
    assert refused.count(Unavailable) == 200 - strange.call_count
    assert await found.get(URL) == "k"
    assert good.call_count == 1


async def test_failures_are_forgotten_before_the_good_key(ring, monkeypatch):
    found, router = ring
    monkeypatch.setattr(keys, "REMEMBERED", 5)
    router.get(URL).respond(200, json={"signing_key": "k"})
    router.get(url__regex=r".*&id=x\d+$").respond(404)
    assert await found.get(URL) == "k"
    for number in range(12):
        with pytest.raises(Rejected):
            await found.get(httpx.URL(f"{str(URL)[:-1]}x{number}"))
    assert len(found._keys) == 5
    assert str(URL) in found._keys
