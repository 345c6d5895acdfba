"""Where a ConnectWise instance lives: the codebase in its address changes with every cloud upgrade.

`GET https://{site}/login/companyinfo/{company}` needs no credentials and names host and codebase
(facts §1.1-1.4). What it names is checked before credentials go there.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from connector.errors import AuthFailed, ContractViolation, NotFound
from connector.psa.transport import Transport

ON_PREMISES = "v4_6_release/"
_CODEBASE = re.compile(r"v\w+/?\Z")
_CLOUD = re.compile(
    r"(?:(?:api-|sandbox-|api-sandbox-)?(?:na|eu|au|aus|za|staging)\.myconnectwise\.net"
    r"|(?:api-)?staging\.connectwisedev\.com)\Z"
)


@dataclass(frozen=True, slots=True)
class Address:
    """Host and codebase of an instance: `https://api-na.myconnectwise.net` and `v2025_1/`."""

    host: httpx.URL
    codebase: str
    version: str = ""

    @property
    def base(self) -> str:
        return f"{root(self.host)}/{self.codebase}apis/3.0/"


def site_url(site: str) -> httpx.URL:
    """The configured site as a URL. ValueError unless it is https, or http on loopback."""
    url = httpx.URL(site if "://" in site else f"https://{site}")
    if (
        not url.host
        or url.userinfo
        or (url.scheme != "https" and not (url.scheme == "http" and loopback(url.host)))
    ):
        raise ValueError(f"site must be a host name or an https address, not {site!r}")
    return url


def root(url: httpx.URL) -> str:
    """Scheme, host and port of a URL, without a trailing slash."""
    return f"{url.scheme}://{url.netloc.decode()}"


def loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_cloud(host: str) -> bool:
    """Whether this is one of ConnectWise's own cloud hosts."""
    return bool(_CLOUD.match(host.lower()))


def bare(host: str) -> str:
    """A host without the `api-` that its REST address carries."""
    return host.lower().removeprefix("api-")


async def discover(transport: Transport, site: httpx.URL, company: str) -> Address:
    """Ask the site for its address. AuthFailed if it does not know the company or names a strange host."""
    unknown = f"ConnectWise at {site.host} does not know the company {company!r}; check site and company"
    url = site.copy_with(path=f"/login/companyinfo/{quote(company, safe='')}")
    try:
        reply = await transport.send("GET", str(url), with_auth=False, max_bytes=64 * 1024)
    except NotFound as error:
        raise AuthFailed(unknown) from error
    info = reply.json()
    if info is None:
        raise AuthFailed(unknown)
    if not isinstance(info, dict):
        raise ContractViolation(f"{reply.where}: the company info is not an object")
    return address(site, info)


def address(site: httpx.URL, info: dict[str, Any]) -> Address:
    """The address that a company info names for this site."""
    codebase = str(info.get("Codebase") or ON_PREMISES)
    if not _CODEBASE.match(codebase):
        raise ContractViolation(f"company info names a strange codebase: {codebase[:40]!r}")
    codebase = codebase.rstrip("/") + "/"
    host = _host(site, str(info.get("SiteUrl") or ""))
    on_cloud = str(info.get("IsCloud")).lower() == "true" and is_cloud(host.host)
    if on_cloud and codebase != ON_PREMISES and not host.host.startswith("api-"):
        host = host.copy_with(host="api-" + host.host)
    return Address(host, codebase, str(info.get("VersionCode") or ""))


def _host(site: httpx.URL, named: str) -> httpx.URL:
    """The site's own host, its `api-` form, or a cloud host; AuthFailed for any other."""
    if not named or loopback(site.host):
        return site.copy_with(path="/")
    try:
        url = httpx.URL(named if "://" in named else f"https://{named}")
    except httpx.InvalidURL as error:
        raise AuthFailed(f"company info names no host: {named[:80]!r}") from error
    if url.host == site.host:
        return site.copy_with(path="/")
    if (
        url.scheme == "https"
        and not url.userinfo
        and (bare(url.host) == bare(site.host) or is_cloud(url.host))
    ):
        return url.copy_with(path="/", query=None, fragment=None)
    raise AuthFailed(
        f"company info of {site.host} names another host ({url.host}); credentials are not sent there"
    )
