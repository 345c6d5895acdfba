"""What every connection is asked, whatever its vendor; a vendor's own keys stand in a module of its own.

A vendor's model is a subclass found by entry point (see `vendors`), so a fourth PSA brings its keys with it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import ClassVar, NamedTuple

from pydantic import BaseModel, Field

from connector.clients.forms import Count, Name, Seconds, YesNo
from connector.clients.parts import Strict
from connector.model import Channel
from connector.settings.canary import CanaryPart
from connector.settings.secret import Secret

_WORDS: dict[Channel, tuple[str, ...]] = {
    "phone": ("phone", "call"),
    "visit": ("onsite", "on-site", "on site", "visit"),
    "chat": ("chat",),
}
_SECOND, _MINUTE, _HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


class WorkTypesPart(Strict):
    """Which work types of time entries reached the customer, and how; null: by the words in their names."""

    phone: list[Name] | None = Field(
        None, description="A call; null: those with 'phone' or 'call' in their name"
    )
    visit: list[Name] | None = Field(
        None, description="A visit; null: those with 'onsite', 'on-site', 'on site' or 'visit'"
    )
    chat: list[Name] | None = Field(None, description="A chat; null: those with 'chat' in their name")

    def channel(self, work_type: str) -> Channel:
        """How work of this type reached the customer; `time_entry` when it does not say."""
        name = work_type.casefold()
        written: dict[Channel, list[Name] | None] = {
            "phone": self.phone,
            "visit": self.visit,
            "chat": self.chat,
        }
        for channel, names in written.items():
            if names is not None and name in (one.casefold() for one in names):
                return channel
        for channel, names in written.items():
            if names is None and any(word in name for word in _WORDS[channel]):
                return channel
        return "time_entry"


class StatusMeaning(NamedTuple):
    """What one status means to the PSA's own SLA. `written`: by a person, not the vendor's default."""

    status: str
    event: str
    written: bool


class Connection(Strict):
    """One PSA instance: the keys that mean the same on all of them."""

    canary_keys: ClassVar[tuple[str, ...]] = ()
    """The keys that say where a write goes and whose it is; none: all that the vendor has of its own."""

    vendor: str = Field(description="Whose PSA it is")
    allow_private: YesNo = Field(False, description="The PSA may be on a loopback or private address")
    poll_every: Seconds = Field(
        "60s", validate_default=True, ge=5 * _SECOND, le=24 * _HOUR, description="Ask for changes this often"
    )
    sweep_every: Seconds = Field(
        "30m",
        validate_default=True,
        ge=_MINUTE,
        le=24 * _HOUR,
        description="Open tickets are read again at least this often",
    )
    timeout: Seconds = Field(
        "30s", validate_default=True, ge=_SECOND, le=10 * _MINUTE, description="How long one request may take"
    )
    write_back: YesNo = Field(False, description="Write flags to tickets; false: only watch")
    canary: CanaryPart | None = Field(
        None, description="Lets write_back be on without `doctor --canary`; null: it must have passed"
    )
    callbacks: YesNo = Field(True, description="Have the PSA call us; needs web.public_url")
    backfill_days: Count = Field(90, ge=0, le=3650, description="How far back the first reading goes")
    concurrency: Count = Field(4, ge=1, le=64, description="Requests under way at once")
    work_types: WorkTypesPart = WorkTypesPart()
    automation_members: list[Name] = Field(
        [], description="Members (people of the PSA) that are machines, beside those that say so themselves"
    )
    ratings_secret: Secret | None = Field(
        None, description="What ratings sent to /ratings/NAME are signed with; null: as web.ratings_secret"
    )

    def takes_callbacks(self) -> bool:
        """Whether the PSA shall call us, if the web app can be reached."""
        return self.callbacks

    def status_meanings(self) -> tuple[StatusMeaning, ...]:
        """What statuses mean to the PSA's SLA, in force as a person says because its API does not tell.

        None where the PSA tells it itself.
        """
        return ()

    def fingerprint(self) -> Callable[[], str]:
        """What changes with any key or secret of this connection and tells nothing of them.

        The secrets are read now, ConfigError if one cannot be; they are hashed when it is called and needed,
        for that takes some 40 ms on purpose.
        """
        secrets = [secret.reveal().get_secret_value() for secret in self.secrets()]
        whole = json.dumps([self.model_dump(mode="json"), secrets], sort_keys=True).encode()
        return cache(lambda: hashlib.scrypt(whole, salt=b"px-connector", n=2**14, r=8, p=1, dklen=8).hex())

    def digest(self) -> str:
        """What changes with any key; where secrets are kept, not what they say. It costs next to nothing."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def lengths(self) -> dict[Secret, int]:
        """How many characters a secret needs at least, where one is not enough."""
        return {}

    def secrets(self) -> tuple[Secret, ...]:
        """Every secret this connection names."""
        return tuple(secrets_in(self).values())


def secrets_in(model: BaseModel) -> dict[str, Secret]:
    """The secrets of one part, by key."""
    found = {key: getattr(model, key) for key in type(model).model_fields}
    return {key: value for key, value in found.items() if isinstance(value, Secret)}
