"""What the Halo adapter must be told; the composition root fills it from the settings.

Facts that nobody is sure of, or that an administrator may change, are settings here and no assumptions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from connector.model import Channel
from connector.psa.embed import Frame


def by_words(outcome: str) -> Channel:
    """How an action of this outcome reached the customer, by the words in its name; else `note`."""
    name = outcome.casefold()
    words: dict[Channel, tuple[str, ...]] = {
        "phone": ("phone", "call"),
        "visit": ("onsite", "on-site", "on site", "visit"),
        "chat": ("chat",),
    }
    return next((c for c, some in words.items() if any(word in name for word in some)), "note")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Where our own tickets go, by name; '' is as the ticket type has it."""

    ticket_type: str
    team: str = ""
    status: str = ""
    sla: str = ""
    priority: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HaloConfig:
    """One Halo instance. Keys are plain text here and never in the repr.

    `site` is a host ("acme.halopsa.com") or a URL; plain http is taken for loopback only. `tenant` and
    `auth_url` are found out where they are empty. `fields` pins a caption to a custom field's id.
    `channel` says how an action of an outcome reached the customer. `automation_agents` are ids or names
    of agents that are machines; `people_applications` are API applications through which people write, all
    others being machines. `closed_statuses` are ids of statuses that end a ticket. `best_score` and
    `worst_score` are the ends of the survey's scale. `hook_secret` is shared with Halo's webhook, which
    sends it or a signature made with it in `hook_header`. `cases` None: no tickets are opened.
    `frame` None: the PSA shows no card of ours.
    """

    site: str
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    tenant: str = ""
    auth_url: str = ""
    scope: str = "all"
    hook_secret: str = field(default="", repr=False)
    hook_header: str = "Token"
    backfill_days: int = 30
    requests_per_5_minutes: float = 250.0
    concurrency: int = 3
    timeout_s: float = 20.0
    page_size: int = 100
    fields: Mapping[str, int] = field(default_factory=dict)
    channel: Callable[[str], Channel] = by_words
    automation_agents: frozenset[str] = frozenset()
    people_applications: frozenset[str] = frozenset()
    closed_statuses: frozenset[int] = frozenset({9})
    best_score: float = 1.0
    worst_score: float = 4.0
    cases: Cases | None = None
    frame: Frame | None = None
