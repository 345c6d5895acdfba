"""What the ConnectWise adapter must be told; the composition root fills it from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from connector.model import Channel

WORK_TYPES: Mapping[Channel, tuple[str, ...]] = MappingProxyType(
    {
        "phone": ("Phone", "Phone Call", "Phone Support", "Telephone"),
        "visit": ("On-site", "Onsite", "On Site", "Visit"),
        "chat": ("Chat",),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectWiseConfig:
    """One ConnectWise instance. Keys are plain text here and never in the repr.

    `site` is a host ("na.myconnectwise.net") or a URL; plain http is taken for loopback only.
    `fields` pins a caption to a custom field's id. `work_types` names the work types of time entries
    that reached the customer by phone, visit or chat. `automation_members` are members that are
    machines. `member` is the API member we act as, where it is known. `hook_hosts` are further host
    names our callbacks may come from.
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
    work_types: Mapping[Channel, tuple[str, ...]] = field(default_factory=lambda: WORK_TYPES)
    automation_members: frozenset[str] = frozenset()
    hook_hosts: frozenset[str] = frozenset()
    allow_private: bool = False
    partial_writes: bool = False  # a probe has proven that writing our own fields alone keeps the others
