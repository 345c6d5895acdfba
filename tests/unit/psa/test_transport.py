"""The one place that sends: errors by what the caller must do, retries, limits, and no secret anywhere."""

import gzip
import json

import httpx
import pytest
import respx

from connector.errors import (
    AuthFailed,
    Conflict,
    ContractViolation,
    NotFound,
    Rejected,
    Throttled,
    Unavailable,
)
from connector.psa.auth import OriginAuth, origin
from connector.psa.quota import Budget
from connector.psa.retry import NotSent
from connector.psa.transport import Forbidden, Transport, redact
from connector.psa.values import TooDeep
from tests.unit.psa.fakes import FakeTime

URL = "https://psa.example/apis/3.0/service/tickets"
SECRET = "s3cr3t-private-key"


@pytest.fixture
async def sender():
    time = FakeTime()
    auth = OriginAuth({"authorization": f"Basic {SECRET}"})
    auth.origin = origin(httpx.URL(URL))
    async with httpx.AsyncClient() as client:
        transport = Transport(
            client,
            Budget(1000, 4, clock=time, sleep=time.sleep),
            auth=auth,
            timeout_s=5,
            secrets=(SECRET,),
            explain=lambda body: body.decode("utf-8", "replace"),
            sleep=time.sleep,
        )
        yield transport, time


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, AuthFailed), (403, Forbidden), (404, NotFound), (409, Conflict), (400, Rejected), (415, Rejected)],
)
@respx.mock
async def test_refusals_of_a_change_say_what_to_do(sender, status, error):
    transport, time = sender
    route = respx.patch(URL).respond(status, text="because")
    with pytest.raises(error, match=f"{status} because"):
        await transport.send("PATCH", URL, body=[])
    assert route.call_count == 1
    assert time.slept == []


@respx.mock
async def test_a_web_form_is_sent_as_one(sender):
    transport, _ = sender
    route = respx.post(URL).respond(200, json={})
    await transport.send("POST", URL, form={"scope": "all", "secret": "a&b"}, with_auth=False)
    sent = route.calls.last.request
    assert sent.headers["content-type"] == "application/x-www-form-urlencoded"
    assert sent.content == b"scope=all&secret=a%26b"
    assert "authorization" not in sent.headers


@respx.mock
async def test_a_refused_read_is_the_vendors_breach(sender):
    respx.get(URL).respond(400, text="bad conditions")
    with pytest.raises(ContractViolation, match="bad conditions"):
        await sender[0].send("GET", URL)


@respx.mock
async def test_a_read_is_repeated_after_500_timeout_and_broken_connection(sender):
    transport, time = sender
    respx.get(URL).mock(
        side_effect=[
            httpx.Response(500),
            httpx.ReadTimeout("slow"),
            httpx.RemoteProtocolError("gone"),
            httpx.Response(200, json=[1]),
        ]
    )
    assert (await transport.send("GET", URL)).json() == [1]
    assert len(time.slept) == 3


@respx.mock
async def test_a_read_is_given_up_after_five_attempts(sender):
    route = respx.get(URL).respond(503)
    with pytest.raises(Unavailable, match="503"):
        await sender[0].send("GET", URL)
    assert route.call_count == 5


@respx.mock
async def test_429_waits_what_retry_after_says_then_goes_on(sender):
    transport, time = sender
    respx.get(URL).mock(
        side_effect=[httpx.Response(429, headers={"retry-after": "7"}), httpx.Response(200, json=[])]
    )
    assert (await transport.send("GET", URL)).json() == []
    assert time.slept == [7.0]
    assert transport.budget.state().throttled_total == 1


@respx.mock
async def test_429_in_html_without_a_header_waits_thirty_seconds(sender):
    transport, time = sender
    respx.get(URL).mock(
        side_effect=[httpx.Response(429, html="<h1>slow down</h1>"), httpx.Response(200, json=[])]
    )
    await transport.send("GET", URL)
    assert time.slept == [30.0]


@respx.mock
async def test_429_beyond_our_patience_is_handed_to_the_caller(sender):
    transport, time = sender
    respx.get(URL).respond(429, headers={"retry-after": "600"})
    with pytest.raises(Throttled) as caught:
        await transport.send("GET", URL)
    assert caught.value.retry_after == 600
    assert time.slept == []


@pytest.mark.parametrize("failure", [httpx.Response(500), httpx.ReadTimeout("slow")])
@respx.mock
async def test_a_patch_whose_fate_is_unknown_is_not_sent_twice(sender, failure):
    route = respx.patch(URL).mock(side_effect=[failure, httpx.Response(200, json={})])
    with pytest.raises(Unavailable):
        await sender[0].send("PATCH", URL, body=[])
    assert route.call_count == 1


@respx.mock
async def test_a_patch_that_was_throttled_or_never_left_is_sent_again(sender):
    answers = [
        httpx.ConnectError("no"),
        httpx.Response(429, headers={"retry-after": "1"}),
        httpx.Response(200),
    ]
    route = respx.patch(URL).mock(side_effect=answers)
    await sender[0].send("PATCH", URL, body=[])
    assert route.call_count == 3


@pytest.mark.parametrize("failure", [httpx.Response(429), httpx.Response(500), httpx.ReadTimeout("slow")])
@respx.mock
async def test_a_post_is_never_repeated_once_it_was_sent(sender, failure):
    route = respx.post(URL).mock(side_effect=[failure, httpx.Response(201)])
    with pytest.raises((Throttled, Unavailable)):
        await sender[0].send("POST", URL, body={})
    assert route.call_count == 1


@respx.mock
async def test_a_post_that_never_left_is_sent_again(sender):
    route = respx.post(URL).mock(side_effect=[httpx.ConnectTimeout("no"), httpx.Response(201, json={})])
    await sender[0].send("POST", URL, body={})
    assert route.call_count == 2


@respx.mock
async def test_no_connection_at_all_says_so(sender):
    respx.get(URL).mock(side_effect=httpx.ConnectError("name not known"))
    with pytest.raises(NotSent, match="no connection"):
        await sender[0].send("GET", URL)


@respx.mock
async def test_a_redirect_is_not_followed_with_credentials(sender):
    respx.get(URL).respond(302, headers={"location": "https://evil.example/"})
    evil = respx.get("https://evil.example/").respond(200, json=[])
    with pytest.raises(Unavailable, match="redirect"):
        await sender[0].send("GET", URL)
    assert not evil.called


@respx.mock
async def test_an_answer_beyond_the_cap_is_refused_even_when_it_was_compressed(sender):
    bomb = gzip.compress(b" " * 2_000_000)
    respx.get(URL).respond(200, content=bomb, headers={"content-encoding": "gzip"})
    with pytest.raises(ContractViolation, match="larger than 100000 bytes"):
        await sender[0].send("GET", URL, max_bytes=100_000)


@respx.mock
async def test_invalid_json_is_a_breach_and_stray_control_characters_are_not(sender):
    respx.get(URL).respond(200, content=b'[{"text": "a\x02b\tc \xff"}]')
    assert (await sender[0].send("GET", URL)).json() == [{"text": "a\x02b\tc \ufffd"}]
    respx.get(URL).respond(200, html="<html>maintenance</html>")
    with pytest.raises(ContractViolation, match="not JSON"):
        (await sender[0].send("GET", URL)).json()


@respx.mock
async def test_credentials_go_to_their_own_origin_only(sender):
    own = respx.get(URL).respond(200, json=[])
    other = respx.get("https://psa.example:8443/x").respond(200, json=[])
    plain = respx.get("http://psa.example/x").respond(200, json=[])
    for url in (URL, "https://psa.example:8443/x", "http://psa.example/x"):
        await sender[0].send("GET", url)
    await sender[0].send("GET", URL, with_auth=False)
    assert [("authorization" in call.request.headers) for call in own.calls] == [True, False]
    assert "authorization" not in other.calls.last.request.headers
    assert "authorization" not in plain.calls.last.request.headers


@respx.mock
async def test_no_secret_and_no_long_body_reaches_a_message(sender):
    respx.get(URL).respond(400, text=f"key {SECRET} password=hunter2 " + "x" * 5000)
    with pytest.raises(ContractViolation) as caught:
        await sender[0].send("GET", URL)
    assert SECRET not in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert len(str(caught.value)) < 350


def test_redact_takes_out_headers_too():
    assert "dXNlcjpwYXNz" not in redact("Authorization: Basic dXNlcjpwYXNz end")
    assert redact('{"api_key": "abc123"}') == '{"api_key": "***"}'


def test_the_auth_does_not_show_its_headers():
    assert SECRET not in repr(OriginAuth({"authorization": SECRET}))


@respx.mock
async def test_a_dripping_answer_is_cut_off(sender, monkeypatch):
    monkeypatch.setattr(sender[0], "_timeout_s", 0.01)

    async def drip(request):
        import asyncio

        await asyncio.sleep(5)
        return httpx.Response(200)

    respx.patch(URL).mock(side_effect=drip)
    with pytest.raises(Unavailable, match="TimeoutError"):
        await sender[0].send("PATCH", URL, body=[])


@respx.mock
async def test_a_vendor_may_read_its_own_failures_and_name_a_post_that_only_asks():
    time = FakeTime()

    def classify(status, method, words):
        return Forbidden if "permission" in words else Throttled if "thread" in words else None

    async with httpx.AsyncClient() as client:
        transport = Transport(
            client,
            Budget(1000, 4, clock=time, sleep=time.sleep),
            auth=OriginAuth({}),
            timeout_s=5,
            secrets=(),
            explain=lambda body: body.decode(),
            classify=classify,
            sleep=time.sleep,
        )
        respx.get(URL).respond(500, text="no permission")
        with pytest.raises(Forbidden):
            await transport.send("GET", URL)
        asked = respx.post(URL).mock(
            side_effect=[httpx.Response(500, text="3 threads"), httpx.Response(502), httpx.Response(200)]
        )
        assert (await transport.send("POST", URL, body={}, reads=True)).body == b""
        assert asked.call_count == 3
        assert time.slept[0] == 30
        asked.mock(side_effect=[httpx.Response(502)])
        with pytest.raises(Unavailable):
            await transport.send("POST", URL, body={})


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (
            rb'["\ud83d\ude00", "\ud800", "\\ud800", "\udc00x\uD83D"]',
            ["\U0001f600", "\ufffd", "\\ud800", "\ufffdx\ufffd"],
        ),
        (b'["a\\u0000b", "a\0b", "\\\\u0000"]', ["a\ufffdb", "a\ufffdb", "\\u0000"]),
        (b"[NaN, Infinity, -Infinity, 1]", [None, None, None, 1]),
    ],
)
@respx.mock
async def test_an_answer_holds_nothing_that_no_store_keeps(sender, body, found):
    respx.get(URL).respond(200, content=body)
    assert (await sender[0].send("GET", URL)).json() == found


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"1" * 5000,
        b"[" * 1000 + b"]",
        b"[[[" * 100_000 + b"]]]" * 100_000,
    ],
)
@respx.mock
async def test_an_answer_that_breaks_the_reader_is_the_vendors_breach(sender, body):
    respx.get(URL).respond(200, content=body)
    reply = await sender[0].send("GET", URL)
    with pytest.raises(ContractViolation, match="not JSON"):
        reply.json()


LEVELS = pytest.mark.parametrize("levels", [201, 202, 203, 500, 985, 1005, 20_000])
KINDS = pytest.mark.parametrize(
    ("opens", "closes"),
    [("[", "]"), ('{"a":', "}"), (r'{"a\"]}": [1, "{[\\", {"b":[', r'], "b]]": "}"}, {}]}')],
)


@LEVELS
@KINDS
@respx.mock
async def test_a_row_too_deep_to_be_shown_is_set_apart_from_the_others(sender, opens, closes, levels):
    times = levels if len(opens) < 6 else -(-levels // 4)
    row = f'{{"id": 2, "at": "now", "in": {{}}, "a": {opens * times}0{closes * times}}}'
    good = {"id": 1, "text": "[[[", "b": [{"c": []}]}
    rows = f"[{row}, {json.dumps(good)}, {row}]"
    kept = TooDeep({"id": 2, "at": "now"})
    for body, where in ((rows, None), (f'{{"count": 3, "items": {rows}, "other": [1]}}', "items")):
        respx.get(URL).respond(200, content=body)
        found = (await sender[0].send("GET", URL)).json()
        found = found if where is None else found[where]
        assert found == [kept, good, kept]
        assert not isinstance(found[0], dict)


@LEVELS
@pytest.mark.parametrize(("opens", "closes"), [("[", "]"), ('{"a":', "}")])
@respx.mock
async def test_a_record_too_deep_to_be_shown_is_the_vendors_breach(sender, opens, closes, levels):
    deep = f"{opens * levels}0{closes * levels}"
    for body in (f'{{"id": 1, "rows": [{deep}]}}', f'{{"item": {{"a": {deep}}}}}'):
        respx.get(URL).respond(200, content=body)
        with pytest.raises(ContractViolation, match="nested deeper than 200 levels"):
            (await sender[0].send("GET", URL)).json()
    respx.get(URL).respond(200, content=opens * 200 + "0" + closes * 200)
    assert (await sender[0].send("GET", URL)).json()


@pytest.mark.parametrize(
    ("url", "body"), [(URL + "/\x06", None), (URL, {"a": float("inf")}), (URL, {"a": "\ud800"})]
)
async def test_what_cannot_be_sent_is_the_vendors_breach_who_told_us_of_it(sender, url, body):
    with pytest.raises(ContractViolation, match="cannot be sent"):
        await sender[0].send("PATCH", url, body=body)


def test_text_from_outside_has_no_control_characters():
    assert redact("a\0b\x1b[31mc\u202ed\ud800e\nf") == "a\ufffdb\ufffd[31mc\ufffdd\ufffde f"


@pytest.mark.parametrize(
    "given",
    [
        {
            "params": {
                "conditions": 'name = "a&b+c/%?#é €" and id > 5',
                "on": True,
                "none": None,
                "ids": [1, 2],
            }
        },
        {"params": {}, "headers": {"accept": "application/json; version=1"}},
        {"params": {"tenant": "a b"}, "form": {"scope": "all ü&"}},
        {"body": [{"id": 1, "value": "é"}], "headers": {"authorization": "Bearer x"}},
    ],
)
@respx.mock
async def test_what_is_sent_is_what_the_client_would_have_sent(sender, given):
    transport, _ = sender
    route = respx.route().respond(json=[], headers={"set-cookie": "node=b7; Path=/"})
    for _ in range(2):
        await transport.send("POST", URL, **given, with_auth=False)
        sent = route.calls.last.request
        async with httpx.AsyncClient(cookies=_cookies(sent)) as client:
            like = client.build_request(
                "POST",
                URL,
                params=given.get("params"),
                json=given.get("body"),
                data=given.get("form"),
                headers=given.get("headers"),
                timeout=5,
            )
        assert (sent.url, dict(sent.headers), sent.content) == (like.url, dict(like.headers), like.content)
        assert sent.extensions["timeout"] == like.extensions["timeout"]
    assert _cookies(sent) == {"node": "b7"}, "whoever answered goes on answering"


def _cookies(request):
    return dict(pair.split("=", 1) for pair in request.headers.get("cookie", "").split("; ") if pair)
