"""Is this delivery genuine, and which tickets does it name? Pure.

Halo proves itself in one of three ways, as the webhook is set up, and all three are made with the secret we
share with it: a signature of the raw body (what we set up ourselves), the secret itself in a header, or
Basic credentials. Whoever can make one of them knows the secret, so any of them will do. The body differs
from event to event and may be an array: it is only asked for the tickets it is about. Source: facts §10.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any

from connector.errors import Rejected
from connector.psa.halo.mapping import updated_at, version
from connector.psa.halo.values import ident
from connector.psa.port import Hint
from connector.psa.values import Json, flag, instant, part

MAX_BODY = 1024 * 1024


def signature(secret: str, body: bytes) -> str:
    """The signature of a body: base64 of HMAC-SHA256 with the secret as it is."""
    return base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


def genuine(secret: str, header: str, body: bytes, headers: Mapping[str, str]) -> bool:
    """Whether a delivery proves itself in one of the three ways; each compared in constant time.

    `header` names the header with signature or secret; names in `headers` are in lower case.
    """
    if not secret:
        return False
    shown = headers.get(header.casefold(), "").strip()
    scheme, _, given = headers.get("authorization", "").strip().partition(" ")
    if scheme.casefold() == "basic":
        given = _password(given)
    signed = shown.removeprefix("sha256=")
    raw = hmac.digest(secret.encode(), body, "sha256")
    fits = [
        _same(signed, base64.b64encode(raw).decode()),
        _same(signed.lower(), raw.hex()),
        _same(shown, secret),
        _same(given.strip(), secret),
    ]
    return any(fits)


def hints(body: bytes, own: Mapping[str, str]) -> list[Hint]:
    """The tickets of a genuine delivery, each once. Rejected if the body is not JSON of objects.

    `own`: by ticket, the mark of our own last write: a delivery that tells of nothing else is left out.
    """
    if len(body) > MAX_BODY:
        raise Rejected(f"webhook: {len(body)} bytes are too many")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Rejected("webhook: the body is not JSON") from error
    items = found if isinstance(found, list) else [found]
    if not all(isinstance(item, Mapping) for item in items):
        raise Rejected("webhook: the body is neither an object nor an array of objects")
    return list({hint.ticket_id: hint for hint in _hints(items, own)}.values())


def _hints(items: Iterable[Json], own: Mapping[str, str]) -> Iterable[Hint]:
    for item in items:
        ticket, action = part(item, "ticket"), part(item, "action")
        ticket_id = ident(ticket, "id") or ident(action, "ticket_id") or ident(item, "ticket_id")
        if not ticket_id:
            continue
        ours = bool(ticket) and own.get(str(ticket_id)) == version(ticket)
        if ours and not _is_new(action, ticket) and not flag(ticket, "deleted"):
            continue
        yield Hint(ticket_id=str(ticket_id), action="action" if action else "updated")


def _is_new(action: Json, ticket: Json) -> bool:
    """Whether the action, sent along as the latest there is, belongs to the ticket's last change."""
    at, changed = instant(action, "datetime"), updated_at(ticket)
    return at is not None and (changed is None or at >= changed)


def _password(encoded: str) -> str:
    """The password of Basic credentials, whoever they name; '' if they are none."""
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _same(shown: str, right: str) -> bool:
    return hmac.compare_digest(shown.encode(), right.encode())


def subscription(url: str, secret: str, header: str) -> dict[str, Any]:
    """A webhook as `POST /Webhook` wants it: JSON to `url`, signed with the secret (type 3)."""
    return {
        "name": "px-connector",
        "url": url,
        "active": True,
        "type": 0,
        "method": 0,
        "content_type": "application/json",
        "authentication_type": 3,
        "authentication_header": header,
        "basic_password": secret,
        "algorithm": 0,
        "inbound_authentication_type": 0,
    }


def notification(webhook_id: str, event: int, name: str) -> dict[str, Any]:
    """What makes Halo call a webhook: one event of tickets, without conditions."""
    return {
        "webhook_id": webhook_id,
        "name": f"px-connector: {name}",
        "type": -2,
        "delivery_method": 6,
        "eventno": event,
        "filter_type": 2,
        "restriction_type": 0,
        "agent_id": 0,
        "interval": 0,
        "useworkinghours": 0,
        "emailtemplate_id": 32,
        "conditions": [],
    }
