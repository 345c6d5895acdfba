"""Is this webhook genuine, and which ticket does it name? Pure.

`X-Hook-Signature: sha1=` and base64(HMAC-SHA1(secret key, raw body)). The body is JSON with escapes that no
other writer makes the same way, so only its raw bytes can be checked (facts §13). What it carries besides
the ticket's number is not used: a delivery is a hint.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass

from connector.errors import Rejected
from connector.psa.values import Json, is_id, text

HEADER = "x-hook-signature"
DEACTIVATED = "deactivated"
MAX_BODY = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a callout says. `ticket_id` is '' for a note whose ticket it does not name: see `note_id`."""

    action: str
    deliver_id: str
    person: str
    ticket_id: str = ""
    note_id: str = ""


def signature(secret: str, body: bytes) -> str:
    """The value of `X-Hook-Signature` for this body."""
    return "sha1=" + base64.b64encode(hmac.digest(secret.encode(), body, "sha1")).decode()


def genuine(secret: str, body: bytes, claimed: str) -> bool:
    """Whether the claimed signature fits, compared in constant time."""
    return hmac.compare_digest(signature(secret, body).encode(), claimed.strip().encode())


def read(body: bytes) -> Delivery:
    """A delivery out of the raw body; names are read in any case. Rejected if it is not one of Autotask's.

    A delivery about anything but tickets and their notes names neither.
    """
    found = _lower(_parsed(body))
    action = text(found, "action").casefold()
    if not action:
        raise Rejected("webhook: the body names no action")
    guid, number = text(found, "guid"), text(found, "sequencenumber")
    record = text(found, "id")
    entity = text(found, "entitytype").casefold()
    inner = found.get("fields")
    named = text(_lower(inner), "ticketid") if isinstance(inner, Mapping) else ""
    ticket_id = record if entity == "ticket" else named if entity == "ticketnote" else ""
    return Delivery(
        action=action,
        deliver_id=f"{guid}:{number}" if guid and number else "",
        person=text(found, "personid"),
        ticket_id=ticket_id if is_id(ticket_id) else "",
        note_id=record if entity == "ticketnote" and is_id(record) else "",
    )


def says_deactivated(body: bytes, query: Mapping[str, str]) -> bool:
    """Whether this claims that our webhook was switched off; such a callout may come without signature."""
    if DEACTIVATED in query:
        return True
    try:
        return text(_lower(_parsed(body)), "action").casefold() == DEACTIVATED
    except Rejected:
        return False


def _parsed(body: bytes) -> Json:
    if len(body) > MAX_BODY:
        raise Rejected(f"webhook: {len(body)} bytes are too many")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Rejected("webhook: the body is not JSON") from error
    if not isinstance(found, dict):
        raise Rejected("webhook: the body is not an object")
    return found


def _lower(row: Json) -> Json:
    return {str(name).casefold(): value for name, value in row.items()}
