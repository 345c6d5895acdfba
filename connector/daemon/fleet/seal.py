"""Hashes of secrets, handed from one worker to the next.

A canary stands for the secrets of its connection, among others, and they are hashed slowly on purpose: 40 ms
each. A worker that takes a connection over from one with the very same settings and secrets need not do that
again. Whether they are the same is told by one slow hash of them all, made once a process.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from functools import cached_property
from typing import Any

from connector.daemon.connection import Connection
from connector.errors import ConfigError
from connector.settings import Settings
from connector.settings.secret import Secret

_KEPT = "keys"


class Seal:
    """Of one process. What another handed on is taken only if its seal is the same."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def take(self, c: Connection, kept: dict[str, Any]) -> None:
        """Have the hashes that were handed on, if they are of the very same secrets."""
        found = kept.get(_KEPT)
        if c.gate is not None and found and hmac.compare_digest(found["seal"], self._of(c.name)):
            c.gate.setup.keys.known = found["keys"]

    def put(self, c: Connection, kept: dict[str, Any]) -> None:
        """Hand on the hashes, where they were asked for at all."""
        if c.gate is not None and (known := c.gate.setup.keys.known) is not None:
            kept[_KEPT] = {"seal": self._of(c.name), "keys": dict(known)}

    def _of(self, name: str) -> str:
        return hmac.digest(self._key, name.encode(), "sha256").hex()

    @cached_property
    def _key(self) -> bytes:
        every = [
            [name, one.model_dump(mode="json"), [_revealed(secret) for secret in one.secrets()]]
            for name, one in sorted(self._settings.connections.items())
        ]
        whole = json.dumps(every, sort_keys=True).encode()
        return hashlib.scrypt(whole, salt=b"px-connector fleet", n=2**14, r=8, p=1, dklen=32)


def _revealed(secret: Secret) -> str | None:
    try:
        return secret.reveal().get_secret_value()
    except ConfigError:
        return None
