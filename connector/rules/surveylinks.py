"""Links of our own survey: who holds one may answer, nobody can make one, and it tells nobody anything.

A token is a random id, the instant until which it can be answered, and their HMAC-SHA256, cut to 128 bits so
that a link fits a PSA's field of 100 characters. What it is about stands in the store, by the id.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

ID_BYTES = 12
LONGEST = 100  # characters of a link: what every PSA's text field holds
TOKEN_CHARS = 44
_EXPIRY_BYTES, _MAC_BYTES = 5, 16
_PURPOSE = b"px-connector survey\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """`base`: where the page is reached, without a slash at its end. `key`: at least 16 bytes."""

    base: str
    key: bytes = field(repr=False)

    def link(self, id: str, expires_at: datetime) -> str:
        """The whole address; `?score=4` may be put after it. `id`: 24 hex digits."""
        return f"{self.base}/s/{token(id, expires_at, self.key)}"


@dataclass(frozen=True, slots=True)
class Opened:
    id: str
    expires_at: datetime


def token(id: str, expires_at: datetime, key: bytes) -> str:
    """44 URL-safe characters. The expiry counts in whole seconds. ValueError for an id that is none."""
    raw = bytes.fromhex(id)
    if len(raw) != ID_BYTES:
        raise ValueError(f"expected an id of {ID_BYTES} bytes, got {len(raw)}")
    said = raw + int(expires_at.timestamp()).to_bytes(_EXPIRY_BYTES, "big")
    return base64.urlsafe_b64encode(said + _mac(said, key)).decode()


def opened(text: str, key: bytes) -> Opened | None:
    """What a token says, None if it is not one of ours. Whether it is still in time is for the caller."""
    try:
        raw = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    if len(raw) != ID_BYTES + _EXPIRY_BYTES + _MAC_BYTES or base64.urlsafe_b64encode(raw).decode() != text:
        return None
    said, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(said, key)):
        return None
    seconds = int.from_bytes(said[ID_BYTES:], "big")
    return Opened(said[:ID_BYTES].hex(), datetime.fromtimestamp(seconds, UTC))


def _mac(said: bytes, key: bytes) -> bytes:
    return hmac.new(key, _PURPOSE + said, sha256).digest()[:_MAC_BYTES]
