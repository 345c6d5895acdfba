"""What a connection says of its canary: the one test write that is watched before any other is made.

A canary stands for where writes go and whose they are. Change one of these keys and it stands for nothing.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from pydantic import Field

from connector.clients.forms import Name
from connector.clients.parts import Strict
from connector.settings.secret import Secret

if TYPE_CHECKING:
    from connector.settings.connection import Connection


class CanaryPart(Strict):
    """Writing without a canary."""

    waived: Name = Field(
        description="Why this connection may write without one", examples=["the sandbox has no test ticket"]
    )


def stands_for(connection: Connection) -> dict[str, str]:
    """The keys a canary of this connection stands for, with their values; a secret's value is not told.

    Keys of a vendor that names none are all its own. ConfigError if a secret cannot be read.
    """
    kind = type(connection)
    shared = {key for base in kind.__mro__[1:] for key in getattr(base, "model_fields", ())}
    named = kind.canary_keys or [key for key in kind.model_fields if key not in shared]
    return {"vendor": connection.vendor, **{key: _told(getattr(connection, key)) for key in named}}


def _told(value: object) -> str:
    if isinstance(value, Secret):
        secret = value.reveal().get_secret_value().encode()
        return hashlib.scrypt(secret, salt=b"px-connector canary", n=2**14, r=8, p=1, dklen=8).hex()
    return json.dumps(value, default=str, sort_keys=True)
