"""Who wrote this, and what does it say? Both with evidence, judged apart.

A technician must not lose credit to a wrong `automated`, nor a robot gain it by a wrong `human`. So
structure decides the cause (`origin`) and words decide content only (`phrases`, `wording`, `templates`).
A person's ruling stands above both. Without evidence the answer is `unknown`. Whether a message *counts*
is the client's word over both, in `counting`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TypeAlias

from connector.model import Cause, Content, Evidence, Message
from connector.rules.authorship import envelope, origin, phrases, templates, wording
from connector.rules.authorship.counting import decide, spoken
from connector.rules.authorship.envelope import Envelope
from connector.rules.authorship.judgement import NOTHING_LEARNT, Judgement, Learnt
from connector.rules.authorship.phrases import Said
from connector.rules.authorship.rulings import UNRULED, Ruled, ruled
from connector.rules.authorship.unwrap import Unwrapped, unwrap
from connector.rules.policy import ResponseRule

RULES_VERSION = "2026-11-22.3"

_WORK_CHANNELS = frozenset(("time_entry", "phone", "visit"))
_NO_TEXT = Unwrapped("")
_NO_ENVELOPE = Envelope()
_SPAN = 80
_TOLD = 120
_FAST = timedelta(minutes=1)
_REMEMBERED = 4096

Weight: TypeAlias = tuple[Judgement, bool, tuple[Evidence, ...]]
"""What a message is, whether it counts as a person having answered, and the evidence for both."""


def weigh(message: Message, rule: ResponseRule, opened_at: datetime, ticket: str, learnt: Learnt) -> Weight:
    """Judge a message and decide whether it counts.

    Logs that keep no texts repeat the same few messages for ever, so what the rules made of one is
    remembered by everything they looked at.
    """
    if message.text is not None or message.headers or message.subject or learnt.rulings:
        return _weigh(message, rule, ticket, learnt, opened_at)
    by, remembered = message.actor, rule.remembered
    seen = (
        by.kind,
        by.id,
        by.name,
        by.team,
        by.marks,
        message.direction,
        message.channel,
        message.record,
        message.minutes,
        message.chars == 0,
    )
    weight: Weight | None = remembered.get(seen)
    if weight is None:
        if len(remembered) >= _REMEMBERED:
            remembered.clear()
        weight = remembered[seen] = _weigh(message, rule, ticket, learnt)
    if message.direction != "out" or message.at - opened_at >= _FAST:
        return weight
    judgement, counted, evidence = weight
    remark = _fast(message, opened_at)
    return judgement, counted, (*evidence, remark) if remark else evidence


def _weigh(
    message: Message, rule: ResponseRule, ticket: str, learnt: Learnt, opened_at: datetime | None = None
) -> Weight:
    judgement = judge(message, rule, opened_at=opened_at, ticket=ticket, learnt=learnt)
    counted, reason = decide(message, judgement, rule)
    return judgement, counted, (*judgement.evidence, reason) if reason else judgement.evidence


def judge(
    message: Message,
    rule: ResponseRule,
    *,
    opened_at: datetime | None = None,
    ticket: str = "",
    learnt: Learnt = NOTHING_LEARNT,
) -> Judgement:
    """Cause and content of a message, with the evidence for both. Never raises; linear in the text.

    `opened_at` (of the ticket) only adds the remark that an answer came within a minute. `ticket` is the
    one it stands on, so that the ticket's own uses of a sentence do not make it a template of `learnt`.
    """
    actor = message.actor
    logged = message.minutes > 0 and message.channel in _WORK_CHANNELS
    author = origin.by_machines(actor, rule) if rule.machines else None
    author = author or origin.by_author(actor.kind, actor.marks, message.record, logged)
    if message.text is None and not message.headers and not message.subject:
        judgement = _bare(author, message.chars == 0)
        if learnt.rulings:
            judgement = _as_ruled(judgement, message, ruled(message, "", learnt.rulings))
    else:
        judgement = _read(message, author, logged, rule, ticket, learnt)
    remark = _fast(message, opened_at) if opened_at else None
    if remark is None:
        return judgement
    return replace(judgement, evidence=(*judgement.evidence, remark))


def _fast(message: Message, opened_at: datetime) -> Evidence | None:
    """The remark that an answer came within a minute; it decides nothing."""
    after = message.at - opened_at
    if message.direction != "out" or not timedelta() <= after < _FAST:
        return None
    return Evidence("timing.within_a_minute", "at", f"{after.total_seconds():.0f} s after opening")


@lru_cache(maxsize=1024)
def _bare(author: origin.Author, empty: bool) -> Judgement:
    """A message of which only the record is known."""
    cause, evidence = author
    return Judgement(cause, "empty" if empty else "specific", (evidence,))


def _read(
    message: Message, author: origin.Author, logged: bool, rule: ResponseRule, ticket: str, learnt: Learnt
) -> Judgement:
    subject, headers, text = message.subject, message.headers, message.text
    seen = envelope.read(headers, subject) if headers or subject else _NO_ENVELOPE
    own = unwrap(text, relayed=bool(headers)) if text else _NO_TEXT
    hinted = seen.subject in ("auto_reply", "absence") or seen.verdict in ("replied", "absence")
    said = phrases.read(own.own, hinted=hinted) if own.own else phrases.NOTHING
    cause, evidence = origin.settle(author, logged, subject, bool(headers), seen, own, said)
    content, reason = _beyond_words(message, seen, own, said, cause)
    template = ""
    if content is None:
        content, reason, template = _stock(message, own.own, said, rule, ticket, learnt)
    found = [*evidence, *((reason,) if reason else ()), *((said.robot,) if said.robot else ())]
    for name, listed in (("policy.not_a_response", rule.not_a_response), ("policy.response", rule.response)):
        if listed and (phrase := spoken(message, listed)):
            found.append(Evidence(name, "text", phrase[:_SPAN]))
    judgement = Judgement(cause, content, tuple(dict.fromkeys(found)), template, own.own)
    told = ruled(message, own.own, learnt.rulings) if learnt.rulings else UNRULED
    return _as_ruled(judgement, message, told)


def _beyond_words(
    message: Message, seen: Envelope, own: Unwrapped, said: Said, cause: Cause
) -> tuple[Content | None, Evidence | None]:
    """Whether it is a bounce, an absence or empty. The envelope first, then words; words alone name a
    bounce only for a stranger."""
    first = seen.evidence[0] if seen.evidence else None
    if seen.verdict == "bounce":
        return "bounce", first
    returned = seen.subject == "bounce" or _unsigned(message, cause)
    if said.bounce and (seen.null_path or (returned and not phrases.is_asking(own.own))):
        return "bounce", said.bounce
    if seen.verdict == "absence":
        return "absence", said.absence or first
    if seen.verdict == "replied" and not said.boilerplate and seen.subject in ("auto_reply", "absence"):
        return "absence", said.absence or first
    if said.absence:
        return "absence", said.absence
    silent = not own.own or phrases.is_greeting(own.own)
    if silent and (message.text is not None or message.chars == 0):
        return "empty", Evidence("text.only_quotes" if own.quoted else "text.empty", "text", "")
    return None, None


def _stock(
    message: Message, own: str, said: Said, rule: ResponseRule, ticket: str, learnt: Learnt
) -> tuple[Content, Evidence | None, str]:
    """Boilerplate or not, why, and the client's template it is: their own word first, then phrases, then
    what the desk has sent before."""
    found = wording.named(own, rule.templates) if own and rule.templates else None
    if found:
        template, sentence = found
        reason = Evidence(f"template.{template.name}", "text", sentence[:_SPAN])
        return template.content, reason, template.name
    if said.boilerplate:
        return "boilerplate", said.boilerplate, ""
    again = templates.repeated(message, own, ticket, learnt.lines) if learnt.lines else None
    if again:
        return "boilerplate", Evidence(templates.LEARNT, "text", str(again)[:_TOLD]), ""
    return "specific", None, ""


def _as_ruled(judgement: Judgement, message: Message, told: Ruled) -> Judgement:
    """A person's word over ours. Our own posts stay ours; an absence, a bounce or nothing stays that."""
    cause, content = judgement.cause, judgement.content
    reasons: list[Evidence] = []
    if told.cause and told.cause.cause and "self" not in message.actor.marks:
        cause = told.cause.cause
        reasons.append(told.cause.evidence(message))
    if told.content and told.content.content and content in ("specific", "boilerplate"):
        content = told.content.content
        reasons.append(told.content.evidence(message))
    if not reasons:
        return judgement
    evidence = tuple(dict.fromkeys((*reasons, *judgement.evidence)))
    return replace(judgement, cause=cause, content=content, evidence=evidence)


def _unsigned(message: Message, cause: Cause) -> bool:
    return cause == "unknown" and not message.headers and message.direction == "in"
