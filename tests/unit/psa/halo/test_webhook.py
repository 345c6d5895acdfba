"""Deliveries: proved in one of three ways, and asked only for the tickets they are about."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import Rejected
from connector.psa.halo import webhook
from connector.psa.halo.mapping import version
from tests.shared import shared

PAYLOADS = shared("payloads", "halo")
SECRET, BODY = "topsecret", b'{"ticket":{"id":42}}'
SIGNED = webhook.signature(SECRET, BODY)


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize(
    "headers",
    [
        {"token": SIGNED},
        {"token": f"sha256={SIGNED}"},
        {"token": base64.b64decode(SIGNED).hex().upper()},
        {"token": SECRET},
        {"authorization": f"Bearer {SECRET}"},
        {"authorization": basic("halo", SECRET)},
        {"authorization": basic("", SECRET)},
    ],
)
def test_signature_secret_and_basic_credentials_all_prove_it(headers):
    assert webhook.genuine(SECRET, "Token", BODY, headers)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"token": ""},
        {"token": webhook.signature(SECRET, BODY + b" ")},
        {"token": webhook.signature("other", BODY)},
        {"token": "sha256="},
        {"other": SIGNED},
        {"authorization": "Bearer "},
        {"authorization": "Bearer other"},
        {"authorization": basic(SECRET, "other")},
        {"authorization": "Basic ???"},
        {"authorization": "Basic " + base64.b64encode(b"\xff:\xff").decode()},
        {"token": "ümläut"},
    ],
)
def test_anything_else_does_not(headers):
    assert not webhook.genuine(SECRET, "Token", BODY, headers)


def test_without_a_secret_nothing_is_genuine():
    assert not webhook.genuine("", "Token", BODY, {"token": "", "authorization": "Bearer "})
    assert not webhook.genuine("", "Token", BODY, {"token": webhook.signature("", BODY)})


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_a_signature_fits_one_body_only(one, other):
    fits = webhook.genuine(SECRET, "X-Sign", other, {"x-sign": webhook.signature(SECRET, one)})
    assert fits == (one == other)


@pytest.mark.parametrize(
    ("found", "ids"),
    [
        ({"ticket": {"id": 42}}, ["42"]),
        ({"action": {"ticket_id": 42, "id": 1}}, ["42"]),
        ({"ticket_id": "42"}, ["42"]),
        ([{"ticket": {"id": 42}}, {"ticket": {"id": 43}}, {"ticket": {"id": 42}}], ["42", "43"]),
        ({"ticket": {"id": -1}}, []),
        ({"ticket": "text", "action": [1]}, []),
        ({"invoice": {"id": 42}}, []),
        ([], []),
    ],
)
def test_the_tickets_of_a_body(found, ids):
    assert [hint.ticket_id for hint in webhook.hints(json.dumps(found).encode(), {})] == ids


@pytest.mark.parametrize("body", [b"", b"\xff", b"text", b"5", b'"x"', b"[1]", b"[" * 100_000])
def test_a_body_that_is_none_is_refused(body):
    with pytest.raises(Rejected):
        webhook.hints(body, {})
    with pytest.raises(Rejected, match="too many"):
        webhook.hints(b" " * (webhook.MAX_BODY + 1), {})


def test_the_echo_of_our_own_write_is_left_out_and_what_came_with_it_is_not():
    ticket = {"id": 42, "last_update": "2026-09-01T09:00:00.12"}
    own = {"42": version(ticket)}

    def told(found):
        return [hint.ticket_id for hint in webhook.hints(json.dumps(found).encode(), own)]

    assert told({"ticket": ticket}) == []
    assert told({"ticket": ticket, "action": {"id": 3, "datetime": "2026-09-01T08:00:00"}}) == []
    assert told({"ticket": ticket, "action": {"id": 3, "datetime": "2026-09-01T09:00:00.12"}}) == ["42"]
    assert told({"ticket": ticket | {"last_update": "2026-09-01T09:00:01"}}) == ["42"]
    assert told({"ticket": ticket | {"id": 43}}) == ["43"]
    assert told({"ticket": ticket | {"deleted": True}}) == ["42"], "that was not us"


if PAYLOADS:

    def test_the_vector_verifies():
        vector = json.loads((PAYLOADS[0] / "webhook_hmac_vector.DERIVED.json").read_text())
        body = vector["raw_body"].encode()
        headers = {vector["header"].lower(): vector["value_base64_sha256"]}
        assert webhook.genuine(vector["secret"], vector["header"], body, headers)
        assert not webhook.genuine(vector["secret"], vector["header"], body + b"\n", headers)
        assert [hint.ticket_id for hint in webhook.hints(body, {})] == ["42"]

    def test_a_webhook_is_made_as_the_production_client_makes_it():
        sample = json.loads((PAYLOADS[0] / "webhook_create.django-psa.json").read_text())
        (known,) = sample["POST /webhook"]
        ours = webhook.subscription("https://x", "secret", "Token")
        for name in ("active", "authentication_type", "authentication_header", "method", "type", "algorithm"):
            assert str(ours[name]) == str(known[name]), name
        for known in sample["then POST /notification"]:
            made = webhook.notification("id", int(known["eventno"]), "x")
            for name in ("type", "delivery_method", "filter_type", "emailtemplate_id", "eventno", "interval"):
                assert str(made[name]) == str(known[name]), name
