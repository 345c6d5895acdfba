"""Evidence in plain words: rules have names that stay the same, and nobody at a desk has ever read them."""

from __future__ import annotations

from connector.model import Evidence

_WORDS = {
    "actor.self": "px-connector's own post",
    "actor.api": "written by an integration's account",
    "actor.system": "written by the PSA itself",
    "actor.workflow": "sent by a workflow",
    "actor.template": "sent by a template of the PSA",
    "actor.automation": "written by a machine's account",
    "actor.staff": "written by a member of the desk",
    "actor.contact": "written by the customer",
    "actor.mail_connector": "the mail connector wrote for the customer",
    "actor.unknown": "nobody knows who wrote it",
    "record.logged_work": "a person logged work with it",
    "record.notification_title": "it is a notification of the PSA",
    "policy.machine": "the client's file lists the author as a machine",
    "policy.not_a_response": "the client's file says that this is no response",
    "policy.response": "the client's file says that this is a response",
    "ruling.text": "ruled on texts like this by",
    "ruling.author": "ruled on this author by",
    "template.learnt": "a stock text",
    "timing.within_a_minute": "it came at once",
    "text.empty": "there is no text",
    "text.only_quotes": "it only quotes",
    "phrase.ack": "it only acknowledges",
    "phrase.holding": "it only asks for patience",
    "phrase.chaser": "it only chases",
    "phrase.auto_close": "it only speaks of closing",
    "phrase.robot": "it says that it is automatic",
    "phrase.absence": "it says that somebody is away",
    "phrase.bounce": "it says that a mail did not arrive",
    "relay.person": "it relays a person",
}
_FAMILIES = {
    "record": "the PSA's record says",
    "header": "the mail's headers say",
    "subject": "the subject says",
    "relay": "it relays somebody",
    "template": "the client's template {}",
    "count": "the client's rule {}",
    "never": "the client's rule {}",
}
_SELF_EVIDENT = ("actor.",)
"""Rules whose text only repeats what their words say already."""

_LONGEST = 60


def plainly(evidence: Evidence) -> str:
    """One reason as a person says it, with what was found. A rule without words of its own keeps its name."""
    family, _, name = evidence.rule.partition(".")
    words = _WORDS.get(evidence.rule) or _FAMILIES.get(family, evidence.rule).format(name)
    if not evidence.text or evidence.rule.startswith(_SELF_EVIDENT):
        return words
    return f"{words} “{evidence.text[:_LONGEST]}{'…' if len(evidence.text) > _LONGEST else ''}”"
