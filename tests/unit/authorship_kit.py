"""Messages for the tests of authorship, built from the few fields a test cares about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from connector.model import CHANNELS, Actor, Message
from connector.rules.policy import ResponseRule

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
RULE = ResponseRule(channels=frozenset(CHANNELS))


def message_of(text: str | None = None, **fields: Any) -> Message:
    """A message; `actor` may be a dict of the actor's fields, or just their kind."""
    actor = fields.pop("actor", {})
    if isinstance(actor, str):
        actor = {"kind": actor}
    actor = {**actor, "marks": tuple(actor.get("marks", ()))}
    return Message(at=AT, text=text, actor=Actor(**actor), **fields)
