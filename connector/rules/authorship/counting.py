"""Whether a message counts as a person having answered: the client's word over what it is.

`never` stands above `count`, and both above the general keys. Nothing makes our own posts an answer, nor
what the customer or nobody outside saw. A `count` rule speaks of a machine's message, an absence, a
bounce or an empty one only where it names that.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

from connector.model import Actor, Cause, Content, Evidence, Message
from connector.rules.authorship.judgement import Judgement
from connector.rules.authorship.templates import LEARNT
from connector.rules.authorship.unwrap import unwrap
from connector.rules.authorship.words import fold
from connector.rules.policy import CountRule, Note, ResponseRule

Decision: TypeAlias = tuple[bool, Evidence | None]
"""Whether it counts, and the client's own rule that says so, if it is one of `count` and `never`."""

NOTE_FIELDS: Mapping[str, type[str] | type[int] | type[bool]] = MappingProxyType(
    {
        "cause": str,  # human | automated | unknown
        "content": str,  # specific | boilerplate | absence | bounce | empty
        "template": str,  # the client's template it is, "" for none
        "learnt": bool,  # it repeats what its author sent on other tickets
        "direction": str,  # in | out | internal
        "channel": str,
        "record": str,  # the PSA's record type in plain words
        "kind": str,  # of its author: staff | contact | automation | unknown
        "author": str,  # id
        "name": str,
        "team": str,
        "minutes": int,  # of work logged with it, whole
        "words": int,
        "subject": str,  # folded to lower case, as the text
        "text": str,  # the writer's own words: no quotes, no signature; single spaces
    }
)
"""What an expression knows of a message, each with its type. Every key is always there."""

_COUNTABLE: tuple[Content, ...] = ("specific", "boilerplate")
_PERHAPS: tuple[Cause, ...] = ("human", "unknown")
_NO: Decision = (False, None)
_YES: Decision = (True, None)


def counts(message: Message, judgement: Judgement, rule: ResponseRule) -> bool:
    """Whether the client's policy takes this message as a person having answered."""
    return decide(message, judgement, rule)[0]


def decide(message: Message, judgement: Judgement, rule: ResponseRule) -> Decision:
    """The same, with the rule that says so."""
    if message.direction != "out" or "self" in message.actor.marks:
        return _NO
    if (rule.never or rule.count) and (decision := _by_rules(message, judgement, rule)):
        return decision
    cause, content = judgement.cause, judgement.content
    if message.channel not in rule.channels or content not in _COUNTABLE:
        return _NO
    if cause == "automated" or (cause == "unknown" and rule.unknown != "counted"):
        return _NO
    if rule.not_a_response and spoken(message, rule.not_a_response):
        return _NO
    word = next((one.counts for one in rule.templates if one.name == judgement.template), None)
    if word is not None:
        return _YES if word == "counted" else _NO
    if content == "specific" or rule.boilerplate == "counted":
        return _YES
    if rule.stock_texts == "counted" and _suspected(judgement):
        return _YES
    return _YES if spoken(message, rule.response) else _NO


def _suspected(judgement: Judgement) -> bool:
    """Boilerplate only because its author sent the like before, and nobody has confirmed it."""
    rules = [one.rule for one in judgement.evidence]
    return LEARNT in rules and not any(one.startswith("ruling.") for one in rules)


def _by_rules(message: Message, judgement: Judgement, rule: ResponseRule) -> Decision | None:
    note = note_of(message, judgement) if any(one.holds for one in (*rule.never, *rule.count)) else {}
    for one in rule.never:
        if _holds(one, message, judgement, note):
            return False, Evidence(f"never.{one.id}", "response.never", one.when[:80])
    for one in rule.count:
        if _may_count(one, message, judgement, rule) and _holds(one, message, judgement, note):
            return True, Evidence(f"count.{one.id}", "response.count", one.when[:80])
    return None


def _may_count(one: CountRule, message: Message, judgement: Judgement, rule: ResponseRule) -> bool:
    return (
        (bool(one.cause) or judgement.cause in _PERHAPS)
        and (bool(one.content) or judgement.content in _COUNTABLE)
        and (bool(one.channels) or message.channel in rule.channels)
    )


def _holds(one: CountRule, message: Message, judgement: Judgement, note: Note) -> bool:
    return (
        (not one.authors or not one.authors.isdisjoint(_names(message.actor)))
        and (not one.templates or judgement.template in one.templates)
        and (not one.cause or judgement.cause in one.cause)
        and (not one.content or judgement.content in one.content)
        and (not one.channels or message.channel in one.channels)
        and (one.holds is None or one.holds(note) is True)
    )


def _names(actor: Actor) -> tuple[str, ...]:
    return tuple(name.casefold() for name in (actor.id, actor.name, actor.team) if name)


def note_of(message: Message, judgement: Judgement) -> Note:
    """A message as an expression sees it: every key of NOTE_FIELDS."""
    actor = message.actor
    text = " ".join(fold(unwrap(message.text or "", relayed=bool(message.headers)).own).split())
    return {
        "cause": judgement.cause,
        "content": judgement.content,
        "template": judgement.template,
        "learnt": any(one.rule == LEARNT for one in judgement.evidence),
        "direction": message.direction,
        "channel": message.channel,
        "record": message.record,
        "kind": actor.kind,
        "author": actor.id,
        "name": actor.name,
        "team": actor.team,
        "minutes": int(message.minutes),
        "words": len(text.split()),
        "subject": " ".join(fold(message.subject).split()),
        "text": text,
    }


def spoken(message: Message, listed: tuple[str, ...]) -> str:
    """The first of the policy's phrases that stands in the writer's own words, '' if none."""
    if not listed or not message.text:
        return ""
    whole = " ".join(fold(message.text).split())
    if not any(phrase in whole for phrase in listed):
        return ""
    own = " ".join(fold(unwrap(message.text).own).split())
    return next((phrase for phrase in listed if phrase in own), "")
