"""Who wrote this, and what does it say? Both with evidence, judged apart.

A technician must not lose credit to a wrong `automated`, nor a robot gain it by a wrong `human`, so
structure (own posts, record types, author records, envelope) decides the cause and words decide
content only. Whether a message *counts* is the client's word over both, in `counts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connector.model import Cause, Content, Evidence, Message
from connector.rules.policy import ResponseRule

RULES_VERSION = "2026-11-21.1"

_MACHINE_MARKS = ("self", "api", "system", "workflow", "template")
_THANKS = frozenset(["thanks", "thank", "you", "thx", "ok", "okay", "great", "danke", "merci", "gracias"])


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a message is. `evidence` is in the order it was weighed; the first item decided."""

    cause: Cause
    content: Content
    evidence: tuple[Evidence, ...]


def judge(message: Message, rule: ResponseRule, *, opened_at: datetime | None = None) -> Judgement:
    """Cause and content of a message, with the evidence for both."""
    cause, evidence = _by_author(message, rule)
    empty = (message.chars == 0) if message.text is None else not message.text.strip()
    return Judgement(cause, "empty" if empty else "specific", (evidence,))


def _by_author(message: Message, rule: ResponseRule) -> tuple[Cause, Evidence]:
    actor = message.actor
    for mark in _MACHINE_MARKS:
        if mark in actor.marks:
            return "automated", Evidence(f"actor.{mark}", "actor.marks", mark)
    if actor.kind == "automation":
        return "automated", Evidence("actor.automation", "actor.kind", "automation")
    for name in (actor.id, actor.name):
        if name and name.casefold() in rule.machines:
            return "automated", Evidence("policy.machine", "actor.id", name)
    if actor.kind in ("staff", "contact"):
        return "human", Evidence(f"actor.{actor.kind}", "actor.kind", actor.kind)
    return "unknown", Evidence("actor.unknown", "actor.kind", actor.kind)


def counts(message: Message, judgement: Judgement, rule: ResponseRule) -> bool:
    """Whether the client's policy takes this message as a person having answered."""
    if message.direction != "out" or message.channel not in rule.channels:
        return False
    if judgement.content in ("absence", "bounce", "empty"):
        return False
    if not (judgement.cause == "human" or (judgement.cause == "unknown" and rule.unknown == "counted")):
        return False
    text = (message.text or "").casefold()
    if any(phrase in text for phrase in rule.not_a_response):
        return False
    if judgement.content == "specific" or rule.boilerplate == "counted":
        return True
    return any(phrase in text for phrase in rule.response)


def is_thanks(text: str | None) -> bool:
    """Whether a message says no more than thanks, ok or nothing at all."""
    words = "".join(c if c.isalnum() else " " for c in (text or "").casefold()).split()
    return "?" not in (text or "") and len(words) <= 8 and all(word in _THANKS for word in words)
