"""Where a database lives is asked, checked, and never taken from a stranger."""

import httpx
import pytest

from connector.errors import AuthFailed, Unavailable
from connector.psa.autotask.zone import Zone, fixed, site_url, zone_of
from tests.unit.psa.autotask.kit import Server, api

SITE = httpx.URL("https://webservices.autotask.net")


@pytest.mark.parametrize(
    "url",
    ["https://webservices2.autotask.net/ATServicesRest/", "https://webservices2.autotask.net/ATServicesRest"],
)
def test_the_zones_address_is_taken_as_it_is(url):
    zone = zone_of(SITE, {"url": url, "webUrl": "https://ww2.autotask.net/", "zoneName": "Pre Release"})
    assert zone == Zone(
        "https://webservices2.autotask.net/ATServicesRest/V1.0/", "https://ww2.autotask.net/", "Pre Release"
    )


@pytest.mark.parametrize(
    "url",
    ["", "http://webservices2.autotask.net/", "https://autotask.net.evil.example/", "https://u:p@webservices2.autotask.net/",
     "https://evilautotask.net/", "ftp://x", 5, "https://[::1"],
)  # fmt: skip
def test_no_credentials_go_to_a_stranger(url):
    with pytest.raises(AuthFailed, match="strange"):
        zone_of(SITE, {"url": url})


def test_a_strange_address_for_people_is_left_out():
    assert zone_of(SITE, {"url": "https://x.autotask.net/R", "webUrl": "https://evil.example/"}).web == ""


def test_a_zone_may_be_written_down_and_a_site_must_be_safe():
    assert (
        fixed("webservices14.autotask.net").base == "https://webservices14.autotask.net/ATServicesRest/V1.0/"
    )
    assert fixed("http://127.0.0.1:8080/ATServicesRest/").base == "http://127.0.0.1:8080/ATServicesRest/V1.0/"
    for wrong in ("http://webservices.autotask.net", "https://u:p@x.net", "", "https://"):
        with pytest.raises(ValueError, match="expected"):
            site_url(wrong)


async def test_an_unknown_user_is_a_refused_login_asked_for_once():
    errors = {"errors": ["Zone information could not be determined"]}
    server = Server(zoneInformation=[httpx.Response(500, json=errors)])
    async with api(server) as it:
        with pytest.raises(AuthFailed, match="check user"):
            await it.zone()
    assert len(server.asked) == 1


async def test_an_answer_without_words_is_an_outage(monkeypatch):
    monkeypatch.setattr("connector.psa.retry.wait_s", lambda *_: 0.0)
    async with api(Server(zoneInformation=[httpx.Response(503)])) as it:
        with pytest.raises(Unavailable):
            await it.zone()
