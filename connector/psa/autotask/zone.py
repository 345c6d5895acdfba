"""Where an Autotask database lives: in one of many zones, and a database can be moved to another.

`GET https://{site}/atservicesrest/v1.0/zoneInformation?user=…` needs no credentials and names the zone's
address (facts §1). What it names is checked before credentials go there; no list of zones is kept, because
every list so far was short of one.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import quote

import httpx

from connector.errors import AuthFailed, ContractViolation, NotFound
from connector.psa.transport import Forbidden, Transport
from connector.psa.values import Json, text

CLOUD = ".autotask.net"
_ASK = "/atservicesrest/v1.0/zoneInformation"


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone: `base` is the address of its API, `web` where a person opens a ticket ('' if unknown)."""

    base: str
    web: str = ""
    name: str = ""

    @property
    def host(self) -> httpx.URL:
        return httpx.URL(self.base)


def site_url(site: str) -> httpx.URL:
    """A configured host or address as a URL. ValueError unless it is https, or http on loopback."""
    url = httpx.URL(site if "://" in site else f"https://{site}")
    plain = url.scheme == "http" and loopback(url.host)
    if not url.host or url.userinfo or not (url.scheme == "https" or plain):
        raise ValueError(f"an Autotask host or https address was expected, not {site!r}")
    return url


def loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def fixed(zone: str) -> Zone:
    """The zone a person has written down, for users whose zone cannot be asked for."""
    url = site_url(zone)
    path = url.path.strip("/")
    return Zone(f"{_root(url)}/{path or 'ATServicesRest'}/V1.0/")


async def discover(transport: Transport, site: httpx.URL, user: str) -> Zone:
    """Ask for the user's zone. AuthFailed if nobody knows the user or a strange host is named."""
    address = f"{_root(site)}{_ASK}?user={quote(user, safe='')}"
    try:
        reply = await transport.send("GET", address, with_auth=False, urgent=True, max_bytes=64 * 1024)
    except (ContractViolation, NotFound, Forbidden) as error:
        raise AuthFailed(
            f"Autotask at {site.host} knows no zone of the API user; check user, or write zone down ({error})"
        ) from error
    found = reply.json()
    if not isinstance(found, dict):
        raise ContractViolation("the zone information is not an object")
    return zone_of(site, found)


def zone_of(site: httpx.URL, found: Json) -> Zone:
    """The zone that an answer names. AuthFailed for a host that is not Autotask's."""
    named = text(found, "url")
    url = _address(named)
    if url is None or not _trusted(url, site):
        raise AuthFailed(
            f"the zone information names a strange address ({named[:80]!r}); no credentials go there"
        )
    web = _address(text(found, "webUrl"))
    shown = f"{_root(web)}/" if web is not None and _trusted(web, site) else ""
    return Zone(f"{_root(url)}{url.path.rstrip('/')}/V1.0/", shown, text(found, "zoneName"))


def _trusted(url: httpx.URL, site: httpx.URL) -> bool:
    if loopback(site.host):
        return loopback(url.host)
    return url.scheme == "https" and (url.host == site.host or url.host.endswith(CLOUD))


def _address(named: str) -> httpx.URL | None:
    try:
        url = httpx.URL(named)
    except httpx.InvalidURL:
        return None
    return url if url.host and not url.userinfo else None


def _root(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode()}"
