"""Findings on what the PSA does without anybody: answers, closes, keeps closed; and dead webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connector.history.doctor.findings import Check, Finding
from connector.history.lint.report import Looked
from connector.psa.slasetup import Effect


@dataclass(frozen=True, slots=True)
class _Words:
    code: str
    check: Check
    why: str
    fix: str


_EFFECTS: Mapping[Effect, _Words] = {
    "response": _Words(
        "responds-by-itself",
        "response",
        "the PSA reports an answer that nobody gave",
        "switch it off, and let whoever answers say so",
    ),
    "resolution": _Words(
        "closes-by-itself",
        "resolution",
        "the PSA counts the ticket as solved because the customer was silent, and the rules do not",
        "close such tickets as unanswered, in a status that does not count as resolved; or say in the "
        "client's file that it does: `resolution.auto_close: resolution`",
    ),
    "stays_closed": _Words(
        "reply-stays-closed",
        "reopening",
        "a customer who says 'it is broken again' is not heard, and the ticket counts as solved in time",
        "let a customer's mail reopen the ticket",
    ),
    "stands_still": _Words(
        "reopened-stands-still",
        "reopening",
        "the customer waits again, and no clock runs: nobody is warned",
        "let a reopened ticket come into a status in which the SLA's clock goes",
    ),
}


def by_itself(seen: Looked) -> list[Finding]:
    """What the set-up does by itself, one finding for each kind and sentence."""
    if seen.setup is None:
        return []
    found: dict[tuple[Effect, str], list[str]] = {}
    for one in seen.setup.by_itself:
        if one.effect != "resolution" or _minds_closing(seen):
            found.setdefault((one.effect, one.found), []).append(one.where)
    return [
        seen.fault(
            _EFFECTS[effect].code,
            _EFFECTS[effect].check,
            text,
            looked_at="what the PSA does to tickets by itself",
            why=_EFFECTS[effect].why,
            fix=_EFFECTS[effect].fix,
            evidence=[f"set up so on: {', '.join(dict.fromkeys(places))}"],
        )
        for (effect, text), places in found.items()
    ]


def _minds_closing(seen: Looked) -> bool:
    return any(policy.resolution.auto_close == "not_a_resolution" for policy in seen.policies)


def hooks(seen: Looked) -> list[Finding]:
    """Webhooks that call nobody: whoever relies on them works with old facts."""
    if seen.setup is None:
        return []
    return [
        seen.fault(
            "dead-webhook",
            "webhooks",
            f"the webhook '{one.name}'{f' to {one.to}' if one.to else ''} is {one.broken}",
            looked_at="every webhook that we are shown, ours and others'",
            why="whoever relies on it hears nothing: tickets are answered, paged and billed late",
            fix="find out whose it is; switch it on again, or delete it. Ours: `px-connector doctor --fix`",
        )
        for one in seen.setup.hooks
        if one.broken
    ]
