"""The cause of a message: which layer of evidence is the first to decide it.

Layers: own posts, record type, the author's record, then, for mail, the envelope after unwrapping. A
relayed person outweighs the robot's envelope around them; contradiction and silence are `unknown`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from connector.model import Actor, Cause, Evidence
from connector.rules.authorship import phrases
from connector.rules.authorship.envelope import Envelope
from connector.rules.authorship.ownnotice import FIRST, is_own_notice
from connector.rules.authorship.phrases import Said
from connector.rules.authorship.unwrap import Unwrapped
from connector.rules.authorship.words import fold
from connector.rules.policy import ResponseRule

Author = tuple[Cause, Evidence]
Origin = tuple[Cause, list[Evidence]]

_MACHINE_MARKS = ("api", "system", "workflow", "template")
_MACHINE_RECORDS = frozenset((
    "workflow", "forward", "forwarded", "merged", "absorbed", "copied", "duplicate", "outsource",
    "outsourced", "survey", "rmm", "bdr", "system", "notification", "audit", "automatic",
))  # fmt: skip
_NOTIFICATION_TITLE = "service desk notification"
_WORD = re.compile(r"[^\W_]+")
_SPAN = 80


def by_machines(actor: Actor, rule: ResponseRule) -> Author | None:
    """The policy's own word: an actor it lists is a machine, whatever it looks like."""
    for where, name in (("actor.id", actor.id), ("actor.name", actor.name)):
        if name and name.casefold() in rule.machines:
            return "automated", Evidence("policy.machine", where, name[:_SPAN])
    return None


@lru_cache(maxsize=1024)
def by_author(kind: str, marks: tuple[str, ...], record: str, logged: bool) -> Author:
    """What the PSA's records say before anything is read. Remembered: it is asked for every message.

    `record`: vendor record type in plain words. `logged`: minutes of work were logged with it.
    """
    if "self" in marks:
        return "automated", Evidence("actor.self", "actor.marks", "self")
    words = _WORD.findall(record.casefold())
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


def settle(
    author: Author, logged: bool, subject: str, mail: bool, seen: Envelope, own: Unwrapped, said: Said
) -> Origin:
    """The cause, with its evidence, once the text has been read. `mail`: there were headers to read."""
    cause, record = author
    if cause == "automated":
        return cause, [record]
    if fold(subject[:_SPAN]).strip() == _NOTIFICATION_TITLE:
        return "automated", [Evidence("record.notification_title", "subject", subject[:_SPAN]), record]
    if is_own_notice(own.own):
        return "automated", [Evidence("text.own_notice", "text", FIRST[:_SPAN]), record]
    if cause == "human":
        return ("human", [record]) if logged else _known(record, seen, own, said)
    return _stranger(record, subject, seen, own, said) if mail else (cause, [record])


def _relayed(own: Unwrapped) -> Evidence | None:
    """The person, or perhaps a person, a relay frame speaks of."""
    if own.frame is None or own.frame.who == "machine":
        return None
    return Evidence(f"relay.{own.frame.who}", "text", own.frame.line[:_SPAN])


def _known(record: Evidence, seen: Envelope, own: Unwrapped, said: Said) -> Origin:
    """A known person, unless a machine answered in their name."""
    if seen.verdict is None:
        return "human", [record]
    if seen.verdict != "generated":
        return "automated", [*seen.evidence, record]
    relayed = _relayed(own)
    if relayed and relayed.rule == "relay.person":
        return "human", [relayed, record, *seen.evidence]
    if record.rule == "actor.staff" or (phrases.is_conversation(own.own) and not said.robot):
        return "unknown", [record, *seen.evidence]
    return "automated", [*seen.evidence, record]


def _stranger(record: Evidence, subject: str, seen: Envelope, own: Unwrapped, said: Said) -> Origin:
    """Nobody's record: a mail speaks by its envelope and by the frame found in it, or not at all."""
    if seen.verdict in ("bounce", "absence", "replied"):
        return "automated", seen.evidence
    if seen.subject == "bounce" and said.bounce and not (seen.person or phrases.is_asking(own.own)):
        return "automated", [Evidence("subject.bounce", "subject", subject[:_SPAN]), said.bounce]
    signs = _signs(subject, seen, own, said)
    reasons = [*seen.evidence, *signs]
    relayed = _relayed(own)
    if relayed and (seen.role or seen.verdict):
        return ("human" if relayed.rule == "relay.person" else "unknown"), [relayed, *reasons]
    from_envelope = any(sign.field.startswith("headers.") for sign in signs)
    if not (seen.verdict or seen.robot or (from_envelope and len(signs) > 1)):
        return _perhaps(record, seen, own, signs)
    if seen.verdict == "generated" and said.absence:
        return "automated", [*reasons, said.absence]
    declared = any(sign.rule in ("phrase.robot", "text.speaks_of_itself") for sign in signs)
    if phrases.is_conversation(own.own) and not declared:
        return "unknown", [*reasons, Evidence("text.conversation", "text", own.own[:_SPAN])]
    return "automated", reasons


def _signs(subject: str, seen: Envelope, own: Unwrapped, said: Said) -> list[Evidence]:
    """Signs of a machine that need company: at least one of the envelope's and another."""
    signs = [sign for sign in (seen.role, seen.program) if sign]
    itself = _speaks_of_itself(seen.name, subject, own.own)
    if itself:
        signs += [Evidence("header.bot_like_sender", "headers.from", seen.name[:_SPAN]), itself]
    if said.robot:
        signs.append(said.robot)
    if signs and phrases.is_report(own.own):
        signs.append(Evidence("text.report", "text", own.own[:_SPAN]))
    return signs


def _speaks_of_itself(name: str, subject: str, own: str) -> Evidence | None:
    """A sender whose name ends in `bot` and who is named in the third person is a tool, not a Talbot."""
    if not name.endswith("bot") or len(name) < 4:
        return None
    if f"[{name}]" in subject.casefold():
        return Evidence("text.speaks_of_itself", "subject", subject[:_SPAN])
    head = own[:2000].casefold()
    for verb in (" has ", " found ", " is ", " will ", " tested ", " suspects ", " report", " reports "):
        if name + verb in head:
            return Evidence("text.speaks_of_itself", "text", name + verb.rstrip())
    return None


def _perhaps(record: Evidence, seen: Envelope, own: Unwrapped, signs: list[Evidence]) -> Origin:
    """No machine proved. A personal sender who answers in words of their own is a person."""
    doubtful = signs or seen.name.endswith("bot") or not own.own
    if seen.person and not doubtful:
        return "human", [seen.person]
    return "unknown", [record, *signs, *([seen.person] if seen.person else [])]
