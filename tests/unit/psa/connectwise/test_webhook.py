"""Callbacks: genuine, ours, and only then a hint. All attacks of a forged key address are named."""

import base64
import hashlib
import hmac
import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import Rejected
from connector.psa.connectwise import webhook
from connector.psa.connectwise.discovery import site_url
from tests.shared import SHARED, shared

OURS = webhook.Origin(
    site_url("na.myconnectwise.net"), httpx.URL("https://api-na.myconnectwise.net/"), "Acme"
)
KEY = "https://api-na.myconnectwise.net/v2025_1//system/callbackkey/index.rails?companyName=acme&id=1"


def body(**change):
    found = {
        "MessageId": "m1",
        "FromUrl": "api-na.myconnectwise.net",
        "CompanyId": "acme",
        "Action": "updated",
        "Type": "ticket",
        "ID": 12345,
        "Entity": '{"id":12345,"recordType":"ServiceTicket"}',
        "Metadata": {"key_url": KEY},
        **change,
    }
    return json.dumps(found).encode()


def hints(raw, **query):
    delivery = webhook.read(raw, query)
    webhook.check(delivery, OURS)
    return webhook.hints(delivery)


def test_the_signature_is_the_vendors():
    digest = hmac.new(hashlib.sha256(b"k").digest(), b"{}", hashlib.sha256).digest()
    assert webhook.signature("k", b"{}") == base64.b64encode(digest).decode()


if SHARED:
    VECTORS = json.loads(shared("payloads", "connectwise", "callback_signature_vectors.json")[0].read_text())[
        "vectors"
    ]

    @pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["source"][-25:])
    def test_every_known_signature_fits_and_a_changed_byte_does_not(vector):
        raw = vector["body_utf8_compact"].encode()
        claimed = vector["x_content_signature_for_compact"]
        assert webhook.genuine(vector["signing_key"], raw, claimed)
        assert not webhook.genuine(vector["signing_key"], raw + b" ", claimed)
        assert not webhook.genuine("other", raw, claimed)


@given(st.binary(max_size=50), st.text(max_size=50))
def test_no_made_up_signature_fits(raw, claimed):
    assert not webhook.genuine("k", raw, claimed)


def test_a_delivery_says_which_ticket_and_which_message():
    (hint,) = hints(body())
    assert (hint.ticket_id, hint.action, hint.deliver_id) == ("12345", "updated", "m1")


@pytest.mark.parametrize(
    "query", [{"recordId": "9", "action": "added"}, {"action": "added", "x": "1", "recordId": "9"}]
)
def test_record_and_action_of_the_url_stand_in_in_any_order_but_the_body_counts(query):
    assert hints(body(), **query)[0].ticket_id == "12345"
    (hint,) = hints(body(ID=None, Action=None), **query)
    assert (hint.ticket_id, hint.action) == ("9", "added")


def test_a_deleted_ticket_has_no_entity():
    assert hints(body(Action="deleted", Entity=None))[0].action == "deleted"


@pytest.mark.parametrize(
    "change",
    [
        {"Type": "contact"},
        {"Entity": '{"recordType":"ProjectTicket"}'},
        {"ID": None},
        {"ID": -4},
        {"ID": "1 or 1"},
    ],
)
def test_other_things_are_accepted_and_say_nothing(change):
    assert hints(body(**change)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"CompanyId": "globex"},
        {"CompanyId": None},
        {"FromUrl": "eu.myconnectwise.net"},
        {"FromUrl": "evil.example"},
        {"Metadata": None},
        {"Metadata": {"key_url": 5}},
    ],
)
def test_what_is_not_ours_is_rejected(change):
    with pytest.raises(Rejected):
        hints(body(**change))


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"nope", b"\xff\xfe", b"[" * 100_000, b'{"a":' + b'"' + b"x" * 2_000_000 + b'"}']
)
def test_what_is_no_delivery_is_rejected(raw):
    with pytest.raises(Rejected):
        webhook.read(raw, {})


PAGE = "/v2025_1//system/callbackkey/index.rails?companyName=acme&id=1"


@pytest.mark.parametrize(
    "key_url",
    [
        "http://api-na.myconnectwise.net" + PAGE,
        "https://evil.example" + PAGE,
        "https://api-na.myconnectwise.net.evil.example" + PAGE,
        "https://evil-na.myconnectwise.net" + PAGE,
        "https://user@api-na.myconnectwise.net" + PAGE,
        "https://api-na.myconnectwise.net:8443" + PAGE,
        "https://api-na.myconnectwise.net" + PAGE + "#x",
        "https://api-na.myconnectwise.net/upload/key.json?companyName=acme",
        "https://api-na.myconnectwise.net" + PAGE.replace("acme", "attacker"),
        "https://api-na.myconnectwise.net" + PAGE.replace("companyName=acme&", ""),
        "https://169.254.169.254" + PAGE,
        "https://127.0.0.1" + PAGE,
        "file:///etc/passwd",
        "https://[::1",
    ],
)
def test_a_key_from_anywhere_else_is_rejected(key_url):
    with pytest.raises(Rejected):
        webhook.key_address(key_url, OURS)


@pytest.mark.parametrize("host", ["api-na", "na", "sandbox-na", "api-eu"])
def test_keys_come_from_the_vendors_cloud(host):
    assert webhook.key_address(f"https://{host}.myconnectwise.net{PAGE}", OURS).host.startswith(host)


def test_a_simulators_keys_come_from_its_own_port_only():
    site = site_url("http://127.0.0.1:8123")
    ours = webhook.Origin(site, site, "acme")
    assert webhook.key_address("http://127.0.0.1:8123" + PAGE, ours).port == 8123
    for other in ("http://127.0.0.1:8124", "https://api-na.myconnectwise.net", "https://127.0.0.1:8123"):
        with pytest.raises(Rejected):
            webhook.key_address(other + PAGE, ours)
