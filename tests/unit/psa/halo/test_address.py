"""Where the secret may go, what Halo's errors say, and which parameters are asked: pinned, for Halo ignores
those it does not know."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from connector.errors import AuthFailed
from connector.psa.halo import deletions
from connector.psa.halo.address import named, site_url
from connector.psa.halo.config import HaloConfig
from connector.psa.halo.errors import explain
from connector.psa.halo.fetching import AUDITED, WHOLE
from connector.psa.halo.pages import Place
from connector.psa.halo.setup import FIELDS, product
from connector.psa.halo.streams import Window, query, window
from tests.shared import shared

SITE = httpx.URL("https://acme.halopsa.com")
NOW = datetime(2026, 8, 1, 6, 30, tzinfo=UTC)
SPEC, PAYLOADS = shared("specs", "halo.openapi.json"), shared("payloads", "halo")


@pytest.mark.parametrize(
    ("auth_url", "token"),
    [
        ("https://acme.halopsa.com/auth", "https://acme.halopsa.com/auth/token"),
        ("https://acme.halopsa.com/auth/", "https://acme.halopsa.com/auth/token"),
        ("https://auth.haloservicedesk.com/auth", "https://auth.haloservicedesk.com/auth/token"),
        ("acme.halopsa.com/auth", "https://acme.halopsa.com/auth/token"),
        ("", "https://acme.halopsa.com/auth/token"),
    ],
)
def test_tokens_come_from_where_the_site_says(auth_url, token):
    found = named(SITE, auth_url, "acme")
    assert (found.token, found.tenant) == (token, "acme")


@pytest.mark.parametrize(
    "auth_url",
    [
        "https://evil.example/auth",
        "http://acme.halopsa.com/auth",
        "https://halopsa.com.evil.example/auth",
        "https://evilhalopsa.com/auth",
        "https://user:pass@acme.halopsa.com/auth",
        "ftp://acme.halopsa.com",
        "https://[",
    ],
)
def test_the_secret_goes_nowhere_else(auth_url):
    with pytest.raises(AuthFailed):
        named(SITE, auth_url, "")


def test_a_site_of_ones_own_may_have_its_auth_host_beside_it():
    assert named(httpx.URL("https://halo.msp.example"), "https://login.msp.example/x", "").token.endswith(
        "/x/token"
    )


@pytest.mark.parametrize("site", ["http://acme.halopsa.com", "https://u:p@acme.halopsa.com", "acme halo", ""])
def test_a_site_that_is_no_safe_address_is_refused(site):
    with pytest.raises(ValueError, match=r"."):
        site_url(site)


@pytest.mark.parametrize(
    ("host", "sold_as"),
    [
        ("acme.halopsa.com", "HaloPSA"),
        ("it.acme.HaloITSM.com", "HaloITSM"),
        ("halo.msp.example", "Halo"),
        ("nothalopsa.com", "Halo"),
    ],
)
def test_the_product_is_named_by_its_host(host, sold_as):
    assert product(host) == sold_as


def test_no_secret_is_in_the_repr_of_the_settings():
    shown = repr(HaloConfig(site="x", client_id="id-1", client_secret="swordfish", hook_secret="hush"))
    assert not any(secret in shown for secret in ("id-1", "swordfish", "hush"))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'"An Outcome must be entered"', "An Outcome must be entered"),
        (b'{"error":"invalid_client"}', "invalid_client"),
        (b'{"error":{"error_description":"no scope"}}', "no scope"),
        (b'{"ClassName":"System.Exception","Message":"broken"}', "broken; System.Exception"),
        (b'{"resultCode":"7","errorMessage":"no"}', "no; 7"),
        (b'{"anything":"text with \\r\\n"}', "text with"),
        (b'["A Site must be selected"]', "A Site must be selected"),
        (b"Rate Limit Reached", "Rate Limit Reached"),
        (b"<!DOCTYPE html><html>", ""),
        (b"", ""),
        (b"[" * 100_000, "[" * 1000),
        (b'{"a":1,"b":2}', ""),
    ],
)
def test_an_error_says_what_it_says_in_any_shape(body, words):
    assert explain(body) == words


def test_open_tickets_are_asked_for_and_then_closed_ones():
    changed = Window(NOW, NOW + timedelta(hours=1))
    assert query(changed, {6, 5}) == {
        "order": "id",
        "domain": "reqs",
        "includestatus": True,
        "includetickettype": True,
        "open_only": True,
        "lastupdatefromdate": "2026-08-01T06:30:00",
        "include_custom_fields": "5,6",
    }
    closed = query(Window(NOW, NOW, closed=True), ())
    assert closed["closed_only"] is True
    assert not {"open_only", "include_custom_fields"} & closed.keys()
    assert "lastupdatefromdate" not in query(Window(NOW, NOW, first=True), ()), "every open one, however old"
    assert "lastupdatefromdate" in query(Window(NOW, NOW, first=True, closed=True), ())


def test_what_was_deleted_is_asked_for_by_its_own_name():
    assert deletions.query(NOW) == {
        "order": "id",
        "domain": "reqs",
        "deleted": True,
        "lastupdatefromdate": "2026-08-01T06:30:00",
    }


def test_a_place_survives_being_written_down():
    here = Window(NOW, NOW + timedelta(hours=1), True, True, 7, Place(3, 14, 99, 20))
    assert window(json.loads(json.dumps(here.cursor())), NOW, NOW, 100) == here
    assert window(None, NOW, NOW - timedelta(days=3), 100) == Window(NOW - timedelta(days=3), NOW, first=True)


@pytest.mark.parametrize("cursor", [{"since": "x"}, {"since": 5}, {}, {"until": "2026-08-01T06:30:00"}])
def test_a_cursor_that_cannot_be_read_starts_again(cursor):
    assert window(cursor, NOW, NOW, 100).first


def test_a_place_that_cannot_be_read_starts_its_window_again():
    kept = {"since": NOW.isoformat(), "until": NOW.isoformat(), "closed": True, "size": 7, "page": ["x"]}
    assert window(kept, NOW, NOW, 100) == Window(NOW, NOW)


if SPEC:

    def test_every_parameter_is_one_that_halo_has():
        paths = json.loads(SPEC[0].read_text())["paths"]

        def known(path):
            return {parameter["name"] for parameter in paths[path]["get"].get("parameters", ())}

        asked = query(Window(NOW, NOW), {5}).keys() | query(Window(NOW, NOW, closed=True), ()).keys()
        assert asked | {"pageinate", "page_no", "page_size"} <= known("/Tickets")
        assert WHOLE.keys() <= known("/Tickets/{id}")
        assert deletions.query(NOW).keys() <= known("/Tickets")
        assert AUDITED.keys() <= known("/Tickets/{id}")
        assert FIELDS.keys() <= known("/FieldInfo")
        assert {"ticket_id", "count"} <= known("/Actions")
        assert {"ticket_id", "showall", "pageinate", "page_no", "page_size"} <= known("/Appointment")
        assert {"includeapiagents", "includedisabled", "includeenabled"} <= known("/Agent")
        assert {"webhook_id"} <= known("/Notification")
        assert {"showholidays"} <= known("/Workday")
        assert {"includedetails"} <= known("/Workday/{id}")
        assert {"workdayid"} <= known("/Holiday")
        assert not known("/Feedback"), "nothing can be asked of it"


if PAYLOADS:

    def test_the_values_are_written_as_a_shipped_client_writes_them():
        known = json.loads((PAYLOADS[0] / "ticket_query_string_cases.panoramic.json").read_text())
        ours = query(Window(NOW, NOW), {5, 6})
        assert ours["lastupdatefromdate"] == known["lastupdatefromdate"]
        assert ours["include_custom_fields"] == known["include_custom_fields"]
        assert str(httpx.QueryParams({"open_only": ours["open_only"]})) == f"open_only={known['open_only']}"
