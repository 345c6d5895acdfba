"""Where a Halo instance lives and where its tokens come from: asked of the instance, never assumed.

Trial and hosted instances have other auth hosts than their own, so `GET /api/authinfo`, which needs no
credentials, names it. What it names is checked before the secret goes there. Source: facts §1.
"""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from connector.errors import AuthFailed, ContractViolation, NotFound
from connector.psa.transport import Transport
from connector.psa.values import text
from connector.settings.address import base_url, is_loopback

CLOUD = ("halopsa.com", "haloitsm.com", "haloservicedesk.com", "halocrm.com")


@dataclass(frozen=True, slots=True)
class Address:
    """`token` is where tokens come from; `tenant` goes there as a parameter, '' if there is none."""

    token: str
    tenant: str = ""


def site_url(site: str) -> httpx.URL:
    """The configured site as a URL. ValueError unless it is https, or http on loopback."""
    return httpx.URL(base_url(site, allow_private=True))


async def discover(transport: Transport, site: httpx.URL, *, auth_url: str, tenant: str) -> Address:
    """Ask the site where its tokens come from; `auth_url` and `tenant` win where they are set.

    AuthFailed if it names a host to which credentials must not go.
    """
    if auth_url:
        return Address(_token(auth_url), tenant)
    try:
        url = str(site.copy_with(path="/api/authinfo"))
        reply = await transport.send("GET", url, urgent=True, with_auth=False, max_bytes=64 * 1024)
    except NotFound:
        return Address(_token(str(site.copy_with(path="/auth"))), tenant)
    info = reply.json()
    if not isinstance(info, dict):
        raise ContractViolation(f"{reply.where}: an object was expected")
    return named(site, text(info, "auth_url"), tenant or text(info, "tenant_id"))


def named(site: httpx.URL, auth_url: str, tenant: str) -> Address:
    """The address that authinfo names. AuthFailed unless it is the site's own host, a neighbour or Halo's."""
    if not auth_url:
        return Address(_token(str(site.copy_with(path="/auth"))), tenant)
    try:
        url = httpx.URL(auth_url if "://" in auth_url else f"https://{auth_url}")
    except httpx.InvalidURL as error:
        raise AuthFailed(f"authinfo names no address: {auth_url[:80]!r}") from error
    plain = url.scheme == "http" and is_loopback(url.host) and is_loopback(site.host)
    if (url.scheme == "https" or plain) and not url.userinfo and _ours(url.host, site.host):
        return Address(_token(str(url.copy_with(query=None, fragment=None))), tenant)
    raise AuthFailed(
        f"authinfo of {site.host} names another host ({url.host[:80]}); the secret is not sent there. "
        "If it is right, set auth_url"
    )


def _ours(host: str, site: str) -> bool:
    """The same host, one below the same domain, or one of Halo's own."""
    host, site = host.lower(), site.lower()
    domain = site.partition(".")[2]
    near = "." in domain and host.endswith("." + domain)
    return host == site or near or any(host.endswith("." + cloud) for cloud in CLOUD)


def _token(auth_url: str) -> str:
    return auth_url.rstrip("/") + "/token"
