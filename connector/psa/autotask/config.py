"""What the Autotask adapter must be told; the composition root fills it from the settings."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from connector.model import Channel

DATABASE_LIMIT = 10_000
"""Requests an hour that all integrations of one database may make together (facts §6)."""

SLA_EVENTS: Mapping[str, str] = {
    "New": "none",
    "Waiting Customer": "waiting_customer",
    "Complete": "resolved",
    "*": "first_response",
}
"""The vendor's own map of statuses to events of the SLA; it cannot be read through the API (facts §8)."""


def no_channel(work_type: str) -> Channel:
    """A work type that says nothing about how the customer was reached."""
    return "time_entry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Where our own tickets go, by label; '' is as Autotask or the category has it."""

    queue: str
    priority: str
    status: str = "New"
    category: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AutotaskConfig:
    """One Autotask database. Secrets are plain text here and never in the repr.

    `site` answers where the zone is asked for; `zone` is the zone's own address, only where asking fails.
    Both are a host or a URL; plain http is taken for loopback only. `quota_share` is our part of the
    requests an hour that the vendor grants, in per cent. `sla_events`: status label -> none,
    first_response, resolution_plan, waiting_customer or resolved; "*" is every other status. `fields` pins
    a caption to the name of a user-defined field. `channel` says how work of a work type reached the
    customer. `automation_members` are ids, login names or full names of resources that are machines.
    `cases` None: no tickets are opened.
    """

    user: str
    secret: str = field(repr=False)
    integration_code: str = field(repr=False)
    site: str = "webservices.autotask.net"
    zone: str = ""
    backfill_days: int = 30
    quota_share: float = 40.0
    concurrency: int = 4
    timeout_s: float = 20.0
    page_size: int = 500
    sla_events: Mapping[str, str] = field(default_factory=lambda: SLA_EVENTS)
    fields: Mapping[str, str] = field(default_factory=dict)
    channel: Callable[[str], Channel] = no_channel
    automation_members: frozenset[str] = frozenset()
    cases: Cases | None = None

    @property
    def hook_secret(self) -> str:
        """The key our webhooks are signed with: 43 characters, made from the API user's secret alone."""
        made = hmac.digest(self.secret.encode(), b"px-connector webhook", "sha256")
        return base64.urlsafe_b64encode(made).decode().rstrip("=")
