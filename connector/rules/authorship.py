"""Who wrote this, and what does it say? Both with evidence, judged apart.

A technician must not lose credit to a wrong `automated`, nor a robot gain it by a wrong `human`. So
structure decides the cause (own posts, record types, the author's record, the envelope after unwrapping)
and words decide content only. Without evidence the answer is `unknown`; contradiction is `unknown` too,
with both sides shown. Whether a message *counts* is the client's word over both, in `counts`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from connector.model import Actor, Cause, Content, Evidence, Message
from connector.rules import envelope, phrases
from connector.rules.envelope import Envelope
from connector.rules.phrases import Said
from connector.rules.policy import ResponseRule
from connector.rules.unwrap import Unwrapped, unwrap
from connector.rules.words import FILLER, THANKS, fold

RULES_VERSION = "2026-11-21.1"

_MACHINE_MARKS = ("self", "api", "system", "workflow", "template")
_MACHINE_RECORDS = frozenset((
    "workflow", "forward", "forwarded", "merged", "absorbed", "copied", "duplicate", "outsource", "outsourced",
    "survey", "rmm", "bdr", "system", "notification", "audit", "automatic",
))  # fmt: skip
_WORK_CHANNELS = frozenset(("time_entry", "phone", "visit"))
_NOTIFICATION_TITLE = "service desk notification"
_NOTHING = Unwrapped("")
_NO_ENVELOPE = Envelope()
_SPAN = 80
_FAST_SECONDS = 60.0
_THANKS_WORDS = 12
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a message is. `evidence` is in the order it was weighed: what decided comes first."""

    cause: Cause
    content: Content
    evidence: tuple[Evidence, ...]


def judge(message: Message, rule: ResponseRule, *, opened_at: datetime | None = None) -> Judgement:
    """Cause and content of a message, with the evidence for both. Never raises; linear in the text.

    `opened_at` (of the ticket) only adds the remark that an answer came within a minute.
    """
    actor = message.actor
    logged = message.minutes > 0 and message.channel in _WORK_CHANNELS
    author = _by_machines(actor, rule) or _by_author(actor.kind, actor.marks, message.record, logged)
    if message.text is None and not message.headers and not message.subject:
        judgement = _bare(author, message.chars == 0)
    else:
        judgement = _read(message, author, rule)
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
    if _said(message, rule.not_a_response):
        return False
    return content == "specific" or rule.boilerplate == "counted" or bool(_said(message, rule.response))


def is_thanks(text: str | None) -> bool:
    """Whether a message says no more than thanks, ok, an emoji, or nothing at all; a question never."""
    if not text or len(text) > 20_000:
        return not text
    own = unwrap(text).own
    if any(mark in own for mark in "?？؟") or len(own) > 400:
        return False
    tokens = _WORD.findall(own)
    if len(tokens) > _THANKS_WORDS:
        return False
    thanked = False
    for token in tokens:
        word = fold(token)
        if word in THANKS:
            thanked = True
        elif word not in FILLER and not _is_name(token):
            return False
    return thanked or not tokens


def _is_name(token: str) -> bool:
    return token[:1].isupper() and len(token) > 1 and token[1:].islower()


# ── layers 0-2: own posts, record, author ─────────────────────────────────────────────────────

_Author = tuple[Cause, Evidence]


def _by_machines(actor: Actor, rule: ResponseRule) -> _Author | None:
    if not rule.machines:
        return None
    for where, name in (("actor.id", actor.id), ("actor.name", actor.name)):
        if name and name.casefold() in rule.machines:
            return "automated", Evidence("policy.machine", where, name[:_SPAN])
    return None


@lru_cache(maxsize=1024)
def _by_author(kind: str, marks: tuple[str, ...], record: str, logged: bool) -> _Author:
    """What the PSA's own records say, before anything is read; a remembered answer, it is asked often."""
    if "self" in marks:
        return "automated", Evidence("actor.self", "actor.marks", "self")
    words = _WORD.findall(record.casefold().replace("_", " "))
    if not _MACHINE_RECORDS.isdisjoint(words):
        return "automated", Evidence(f"record.{'_'.join(words)[:40]}", "record", record[:_SPAN])
    for mark in _MACHINE_MARKS:
        if mark in marks:
            return "automated", Evidence(f"actor.{mark}", "actor.marks", mark)
    if kind == "automation":
        return "automated", Evidence("actor.automation", "actor.kind", kind)
    if kind in ("staff", "contact"):
        return "human", Evidence(f"actor.{kind}", "actor.kind", kind)
    if "mail_connector" in marks:
        return "human", Evidence("actor.mail_connector", "actor.marks", "mail_connector")
    if logged:
        return "human", Evidence("record.logged_work", "minutes", "work logged by a person")
    return "unknown", Evidence("actor.unknown", "actor.kind", kind)


@lru_cache(maxsize=1024)
def _bare(author: _Author, empty: bool) -> Judgement:
    """A message of which only the record is known."""
    cause, evidence = author
    return Judgement(cause, "empty" if empty else "specific", (evidence,))


# ── layers 3-6: unwrap, envelope, phrases ─────────────────────────────────────────────────────


def _read(message: Message, author: _Author, rule: ResponseRule) -> Judgement:
    cause, record = author
    text = message.text
    own = unwrap(text, relayed=bool(message.headers)) if text else _NOTHING
    seen = (
        envelope.read(message.headers, message.subject)
        if message.headers or message.subject
        else _NO_ENVELOPE
    )
    kind = envelope.subject_kind(fold(message.subject)) if message.subject else ""
    said = (
        phrases.read(own.own, absent_subject=kind in ("auto_reply", "absence"))
        if own.own
        else phrases.NOTHING
    )
    evidence = [record]
    if fold(message.subject).strip() == _NOTIFICATION_TITLE and cause != "automated":
        cause, evidence = (
            "automated",
            [Evidence("record.notification_title", "subject", message.subject), record],
        )
    elif cause == "human":
        cause, evidence = _known(record, seen, own, said)
    elif cause == "unknown" and message.headers:
        cause, evidence = _mail(record, seen, own, said, kind)
    content, reason = _content(message, seen, own, said, kind, cause)
    extra = [reason] if reason else []
    if said.robot and said.robot not in (*evidence, reason):
        extra.append(said.robot)
    for name, listed in (("policy.not_a_response", rule.not_a_response), ("policy.response", rule.response)):
        if listed and (phrase := _said(message, listed)):
            extra.append(Evidence(name, "text", phrase[:_SPAN]))
    return Judgement(cause, content, (*evidence, *extra))


def _known(record: Evidence, seen: Envelope, own: Unwrapped, said: Said) -> tuple[Cause, list[Evidence]]:
    """A known person, unless a machine answered in their name."""
    if seen.verdict is None or record.rule == "record.logged_work":
        return "human", [record]
    if seen.verdict != "generated":
        return "automated", [*seen.evidence, record]
    if own.frame and own.frame.who == "person":
        return "human", [Evidence("relay.person", "text", own.frame.line[:_SPAN]), record, *seen.evidence]
    if record.rule == "actor.staff" or (phrases.is_conversation(own.own) and not said.robot):
        return "unknown", [record, *seen.evidence]
    return "automated", [*seen.evidence, record]


def _mail(
    record: Evidence, seen: Envelope, own: Unwrapped, said: Said, kind: str
) -> tuple[Cause, list[Evidence]]:
    """Nobody's record: a mail speaks by its envelope and by the frame found in it, or not at all."""
    decisive = list(seen.evidence)
    if seen.verdict in ("bounce", "absence", "replied"):
        return "automated", decisive
    if kind == "bounce" and said.bounce:
        return "automated", [Evidence("subject.bounce", "subject", said.bounce.text), said.bounce]
    signs = _machine_signs(seen, own, said)
    generated = seen.verdict == "generated" or seen.robot or (seen.role is not None and len(signs) > 1)
    if not generated:
        return _perhaps_person(record, seen, own, said, signs)
    reasons = [*decisive, *signs]
    if own.frame and own.frame.who != "machine":
        relayed = Evidence(f"relay.{own.frame.who}", "text", own.frame.line[:_SPAN])
        return ("human" if own.frame.who == "person" else "unknown"), [relayed, *reasons]
    declared = said.robot or any(sign.rule == "text.speaks_of_itself" for sign in signs)
    if phrases.is_conversation(own.own) and not declared and not phrases.is_report(own.own):
        return "unknown", [*reasons, Evidence("text.conversation", "text", own.own[:_SPAN])]
    return "automated", reasons


def _machine_signs(seen: Envelope, own: Unwrapped, said: Said) -> list[Evidence]:
    """Signs that need company, the sender's role first."""
    signs = [seen.role] if seen.role else []
    if said.robot:
        signs.append(said.robot)
    if seen.suppress and seen.role and phrases.is_report(own.own):
        signs.append(seen.suppress)
    return signs


def _perhaps_person(
    record: Evidence, seen: Envelope, own: Unwrapped, said: Said, signs: list[Evidence]
) -> tuple[Cause, list[Evidence]]:
    if own.frame and own.frame.who == "person" and seen.role:
        return "human", [Evidence("relay.person", "text", own.frame.line[:_SPAN]), *signs]
    doubtful = signs or seen.name.endswith("bot") or not own.own
    if seen.person and not doubtful:
        return "human", [seen.person]
    return "unknown", [record, *signs, *([seen.person] if seen.person else [])]


def _content(
    message: Message, seen: Envelope, own: Unwrapped, said: Said, kind: str, cause: Cause
) -> tuple[Content, Evidence | None]:
    first = seen.evidence[0] if seen.evidence else None
    if seen.verdict == "bounce":
        return "bounce", None if cause == "automated" else first
    if said.bounce and (seen.null_path or kind == "bounce" or (cause == "unknown" and not message.headers)):
        return "bounce", said.bounce
    if seen.verdict == "absence":
        return "absence", said.absence or first
    if seen.verdict == "replied" and not said.boilerplate and kind in ("auto_reply", "absence"):
        return "absence", said.absence or first
    if said.absence:
        return "absence", said.absence
    if not own.own and (message.text is not None or message.chars == 0):
        return "empty", Evidence("text.only_quotes" if own.quoted else "text.empty", "text", "")
    if said.boilerplate:
        return "boilerplate", said.boilerplate
    return "specific", None


def _said(message: Message, listed: tuple[str, ...]) -> str:
    """The first of the policy's phrases the writer used in their own words, '' if none."""
    if not listed or not message.text:
        return ""
    whole = fold(message.text)
    if not any(phrase in whole for phrase in listed):
        return ""
    own = " ".join(fold(unwrap(message.text).own).split())
    return next((phrase for phrase in listed if phrase in own), "")
