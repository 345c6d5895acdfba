"""What the ConnectWise adapter must be told; the composition root fills it from the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from connector.model import Channel
from connector.psa.embed import Frame


def by_words(work_type: str) -> Channel:
    """How work of this type reached the customer, by the words in its name."""
    name = work_type.casefold()
    words: dict[Channel, tuple[str, ...]] = {
        "phone": ("phone", "call"),
        "visit": ("onsite", "on-site", "on site", "visit"),
        "chat": ("chat",),
    }
    return next((c for c, some in words.items() if any(word in name for word in some)), "time_entry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Where our own tickets go, by name; '' is as the board has it."""

    board: str
    type: str = ""
    status: str = ""
    priority: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectWiseConfig:
    """One ConnectWise instance. Keys are plain text here and never in the repr.

    `site` is a host ("na.myconnectwise.net") or a URL; plain http is taken for loopback only.
    `fields` pins a caption to a custom field's id. `channel` says how the work of a time entry's work type
    reached the customer. `automation_members` are members that are
    machines. `member` is the API member we act as, where it is known. `hook_hosts` are further host
    names our callbacks may come from. `cases` None: no tickets are opened.
    `frame` None: the PSA shows no card of ours.
    """

    site: str
    company: str
    public_key: str = field(repr=False)
    private_key: str = field(repr=False)
    client_id: str = field(repr=False)
    member: str = ""
    api_version: str = "2025.16"
    backfill_days: int = 30
    requests_per_minute: float = 900.0
    concurrency: int = 8
    timeout_s: float = 20.0
    page_size: int = 1000
    fields: Mapping[str, int] = field(default_factory=dict)
    channel: Callable[[str], Channel] = by_words
    automation_members: frozenset[str] = frozenset()
    hook_hosts: frozenset[str] = frozenset()
    allow_private: bool = False
    cases: Cases | None = None
    frame: Frame | None = None
