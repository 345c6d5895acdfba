"""Who wrote this, and what does it say? Both with evidence, judged apart.

A technician must not lose credit to a wrong `automated`, nor a robot gain it by a wrong `human`. So
structure decides the cause (`origin`) and words decide content only (`phrases`). Without evidence the
answer is `unknown`. Whether a message *counts* is the client's word over both, in `counts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from connector.model import Cause, Content, Evidence, Message
from connector.rules import envelope, origin, phrases
from connector.rules.envelope import Envelope
from connector.rules.phrases import Said
from connector.rules.policy import ResponseRule
from connector.rules.thanks import is_thanks
from connector.rules.unwrap import Unwrapped, unwrap
from connector.rules.words import fold

__all__ = ["RULES_VERSION", "Judgement", "counts", "is_thanks", "judge"]

RULES_VERSION = "2026-11-21.2"

_WORK_CHANNELS = frozenset(("time_entry", "phone", "visit"))
_NO_TEXT = Unwrapped("")
_NO_ENVELOPE = Envelope()
_SPAN = 80
_FAST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a message is. `evidence` is in the order it was weighed: what decided the cause comes first."""

    cause: Cause
    content: Content
    evidence: tuple[Evidence, ...]


def judge(message: Message, rule: ResponseRule, *, opened_at: datetime | None = None) -> Judgement:
    """Cause and content of a message, with the evidence for both. Never raises; linear in the text.

    `opened_at` (of the ticket) only adds the remark that an answer came within a minute.
    """
    actor = message.actor
    logged = message.minutes > 0 and message.channel in _WORK_CHANNELS
    author = origin.by_machines(actor, rule) if rule.machines else None
    author = author or origin.by_author(actor.kind, actor.marks, message.record, logged)
    if message.text is None and not message.headers and not message.subject:
        judgement = _bare(author, message.chars == 0)
    else:
        judgement = _read(message, author, logged, rule)
    if opened_at is None or message.direction != "out":
        return judgement
    seconds = (message.at - opened_at).total_seconds()
    if not 0 <= seconds < _FAST_SECONDS:
        return judgement
    remark = Evidence("timing.within_a_minute", "at", f"{seconds:.0f} s after opening")
    return Judgement(judgement.cause, judgement.content, (*judgement.evidence, remark))


def counts(message: Message, judgement: Judgement, rule: ResponseRule) -> bool:
    """Whether the client's policy takes this message as a person having answered."""
    if message.direction != "out" or message.channel not in rule.channels:
        return False
    cause, content = judgement.cause, judgement.content
    if content not in ("specific", "boilerplate"):
        return False
    if cause == "automated" or (cause == "unknown" and rule.unknown != "counted"):
        return False
    if _spoken(message, rule.not_a_response):
        return False
    return content == "specific" or rule.boilerplate == "counted" or bool(_spoken(message, rule.response))


@lru_cache(maxsize=1024)
def _bare(author: origin.Author, empty: bool) -> Judgement:
    """A message of which only the record is known."""
    cause, evidence = author
    return Judgement(cause, "empty" if empty else "specific", (evidence,))


def _read(message: Message, author: origin.Author, logged: bool, rule: ResponseRule) -> Judgement:
    subject, headers, text = message.subject, message.headers, message.text
    seen = envelope.read(headers, subject) if headers or subject else _NO_ENVELOPE
    own = unwrap(text, relayed=bool(headers)) if text else _NO_TEXT
    absent = seen.subject in ("auto_reply", "absence")
    said = phrases.read(own.own, absent_subject=absent) if own.own else phrases.NOTHING
    cause, evidence = origin.settle(author, logged, subject, bool(headers), seen, own, said)
    content, reason = _content(message, seen, own, said, cause)
    found = [*evidence, *((reason,) if reason else ()), *((said.robot,) if said.robot else ())]
    for name, listed in (("policy.not_a_response", rule.not_a_response), ("policy.response", rule.response)):
        if listed and (phrase := _spoken(message, listed)):
            found.append(Evidence(name, "text", phrase[:_SPAN]))
    return Judgement(cause, content, tuple(dict.fromkeys(found)))


def _content(
    message: Message, seen: Envelope, own: Unwrapped, said: Said, cause: Cause
) -> tuple[Content, Evidence | None]:
    """What it says. The envelope first, then words; words alone name a bounce only for a stranger."""
    first = seen.evidence[0] if seen.evidence else None
    if seen.verdict == "bounce":
        return "bounce", first
    if said.bounce and (seen.null_path or seen.subject == "bounce" or _unsigned(message, cause)):
        return "bounce", said.bounce
    if seen.verdict == "absence":
        return "absence", said.absence or first
    if seen.verdict == "replied" and not said.boilerplate and seen.subject in ("auto_reply", "absence"):
        return "absence", said.absence or first
    if said.absence:
        return "absence", said.absence
    if not own.own and (message.text is not None or message.chars == 0):
        return "empty", Evidence("text.only_quotes" if own.quoted else "text.empty", "text", "")
    if said.boilerplate:
        return "boilerplate", said.boilerplate
    return "specific", None


def _unsigned(message: Message, cause: Cause) -> bool:
    return cause == "unknown" and not message.headers and message.direction == "in"


def _spoken(message: Message, listed: tuple[str, ...]) -> str:
    """The first of the policy's phrases that stands in the writer's own words, '' if none."""
    if not listed or not message.text:
        return ""
    whole = " ".join(fold(message.text).split())
    if not any(phrase in whole for phrase in listed):
        return ""
    own = " ".join(fold(unwrap(message.text).own).split())
    return next((phrase for phrase in listed if phrase in own), "")
