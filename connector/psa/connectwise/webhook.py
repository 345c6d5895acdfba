"""Is this callback genuine, and which ticket does it name? Pure: fetching keys is `keys`.

The signature is base64(HMAC-SHA256(key = SHA-256(signing_key), raw body)) in `x-content-signature`. The
body is untrusted until it fits, and names the address of its own key: only ConnectWise's callback-key
page, for our company, on our host or ConnectWise's cloud is accepted. Source: facts §8.3-8.6.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import httpx

from connector.errors import Rejected
from connector.psa.auth import origin
from connector.psa.connectwise.discovery import bare, is_cloud, loopback
from connector.psa.port import Hint
from connector.psa.refusals import ELSEWHERE
from connector.psa.values import Json, is_id, part, text

KEY_PAGE = "/system/callbackkey/index.rails"
MAX_BODY = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Origin:
    """Who may call us: our site, the REST host it named, our company, and further host names."""

    site: httpx.URL
    rest: httpx.URL
    company: str
    hosts: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A callback as it claims to be, before its signature is checked."""

    ticket_id: str
    action: str
    kind: str
    message_id: str
    key_url: str
    company: str
    host: str
    record_type: str


def signature(signing_key: str, body: bytes) -> str:
    """The value of `x-content-signature` for this body."""
    key = hashlib.sha256(signing_key.encode()).digest()
    return base64.b64encode(hmac.digest(key, body, "sha256")).decode()


def genuine(signing_key: str, body: bytes, claimed: str) -> bool:
    """Whether the claimed signature fits, compared in constant time."""
    return hmac.compare_digest(signature(signing_key, body).encode(), claimed.strip().encode())


def read(body: bytes, query: Mapping[str, str]) -> Delivery:
    """A delivery out of the raw body. Rejected if it is not one of ConnectWise's.

    What the body says counts; `recordId` and `action`, which ConnectWise appends to the URL in either
    order, only stand in where the body is silent: the URL is not signed.
    """
    if len(body) > MAX_BODY:
        raise Rejected(f"callback: {len(body)} bytes are too many")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Rejected("callback: the body is not JSON") from error
    if not isinstance(found, dict):
        raise Rejected("callback: the body is not an object")
    key_url = text(part(found, "Metadata"), "key_url")
    if not key_url:
        raise Rejected("callback: no key_url in the body")
    ticket_id = text(found, "ID") or query.get("recordId", "") or query.get("id", "")
    return Delivery(
        ticket_id=ticket_id if is_id(ticket_id) else "",
        action=(text(found, "Action") or query.get("action", "") or "updated").casefold(),
        kind=text(found, "Type").casefold(),
        message_id=text(found, "MessageId"),
        key_url=key_url,
        company=text(found, "CompanyId"),
        host=text(found, "FromUrl"),
        record_type=_record_type(found),
    )


def check(delivery: Delivery, ours: Origin) -> httpx.URL:
    """The address of the key, if company, host and address are ours. Rejected otherwise."""
    if delivery.company.casefold() != ours.company.casefold():
        raise Rejected(f"callback: for another company ({delivery.company[:40]!r}); {ELSEWHERE}")
    if delivery.host and not _our_host(delivery.host, ours):
        raise Rejected(f"callback: from another host ({delivery.host[:80]!r}); {ELSEWHERE}")
    return key_address(delivery.key_url, ours)


def key_address(key_url: str, ours: Origin) -> httpx.URL:
    """The parsed address of a signing key. Rejected unless it is the key page, ours, and plainly written."""
    try:
        url = httpx.URL(key_url)
    except httpx.InvalidURL as error:
        raise Rejected("callback: key_url is not an address") from error
    if url.userinfo or url.fragment or not url.path.endswith(KEY_PAGE):
        raise Rejected("callback: key_url is not the callback-key page")
    if url.params.get("companyName", "").casefold() != ours.company.casefold():
        raise Rejected(f"callback: key_url is for another company; {ELSEWHERE}")
    if origin(url) in (origin(ours.site), origin(ours.rest)):
        return url
    extra = url.host in {host.casefold() for host in ours.hosts}
    known = extra or is_cloud(url.host) or bare(url.host) == bare(ours.site.host)
    if url.scheme == "https" and url.port is None and known and not loopback(ours.site.host):
        return url
    raise Rejected(f"callback: key_url is on a strange host ({url.host[:80]!r}); {ELSEWHERE}")


def hints(delivery: Delivery) -> list[Hint]:
    """What a genuine delivery says; nothing for other things than service tickets."""
    if delivery.kind != "ticket" or not delivery.ticket_id:
        return []
    if delivery.record_type not in ("", "ServiceTicket"):
        return []
    return [Hint(ticket_id=delivery.ticket_id, action=delivery.action, deliver_id=delivery.message_id)]


def _our_host(named: str, ours: Origin) -> bool:
    """`FromUrl` is a host, with or without scheme and `api-`."""
    try:
        url = httpx.URL(named if "://" in named else f"https://{named}")
    except httpx.InvalidURL:
        return False
    own = {bare(ours.site.host), bare(ours.rest.host), *(bare(host) for host in ours.hosts)}
    return bare(url.host) in own


def _record_type(found: Json) -> str:
    """The kind of ticket out of `Entity`, which is JSON inside a string; '' where it does not say."""
    entity = found.get("Entity")
    if not isinstance(entity, str):
        return ""
    try:
        inner = json.loads(entity)
    except (ValueError, RecursionError):
        return ""
    return text(inner, "recordType") if isinstance(inner, dict) else ""
