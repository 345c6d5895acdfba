"""The generic webhook: JSON for programs, signed as Standard Webhooks say, so that libraries can verify it.

`webhook-id` is the same at every attempt: whoever has seen it may ignore it. Source: standardwebhooks.com,
specification 1.0 (id, timestamp and raw body joined by dots, HMAC-SHA256, "v1," and base64).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from connector.daemon.notices.told import LINE, SUMMARY, Told, head, plain
from connector.store.notices import Notice, Sending
from connector.ticketlog import iso

MOST_LISTED = 200
_PREFIX = "whsec_"


def payload(told: Told, sending: Sending, notices: Sequence[Notice]) -> dict[str, Any]:
    """The message for programs; `notices` are the first 200, `more` counts the others."""
    return {
        "id": sending.id,
        "type": sending.kind,
        "at": iso(sending.since),
        "title": told.title,
        "notices": [_row(notice) for notice in notices[:MOST_LISTED]],
        "more": max(0, len(notices) - MOST_LISTED),
    }


def _row(notice: Notice) -> dict[str, Any]:
    said = notice.said
    return {
        "id": notice.id,
        "event": notice.event,
        "head": head(notice),
        "connection": notice.conn,
        "client": notice.client or None,
        "ticket": notice.ticket_id or None,
        "at": iso(notice.at),
        "over_at": iso(notice.over_at),
        "summary": plain(said.get("summary", ""), SUMMARY) or None,
        "line": plain(said.get("line", ""), LINE),
        **{key: said.get(key) or None for key in ("bucket", "priority", "owner", "due_at", "url")},
    }


def encoded(message: Mapping[str, Any]) -> bytes:
    """The body; half a character becomes a question mark."""
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


def headers(key: bytes, id: str, body: bytes, now: datetime) -> dict[str, str]:
    """The three headers of a signed delivery. `key`: as written; "whsec_" and base64 is decoded."""
    at = str(int(now.timestamp()))
    signed = b".".join((id.encode(), at.encode(), body))
    mac = base64.b64encode(hmac.new(_key(key), signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": id, "webhook-timestamp": at, "webhook-signature": f"v1,{mac}"}


def _key(written: bytes) -> bytes:
    text = written.decode("utf-8", "replace")
    if text.startswith(_PREFIX):
        try:
            return base64.b64decode(text.removeprefix(_PREFIX), validate=True)
        except binascii.Error:
            return written
    return written
