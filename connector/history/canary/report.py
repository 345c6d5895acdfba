"""What a canary tells: every thing that moved as a finding, with why it matters and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.history.canary.aim import Aim
from connector.history.canary.sight import Kind, Move, cut
from connector.history.doctor.findings import Finding, Severity, bad

LOOP = 10
"""Deliveries about one write from which something answers itself."""

_WORKFLOW = (
    "find the workflow, business rule or notification that answers a change of this ticket, and have it "
    "leave out changes by our API user; then run the canary again"
)
_KINDS: dict[Kind, tuple[Severity, str, str, str]] = {
    "customer": (
        "error",
        "THE CUSTOMER WAS WRITTEN TO",
        "with writes on, every change of a flag would send mail to a customer",
        _WORKFLOW,
    ),
    "status": (
        "error",
        "the status moved",
        "our writes would move the PSA's own clocks",
        _WORKFLOW,
    ),
    "field": ("error", "other fields moved", "our writes would change what is not ours", _WORKFLOW),
    "note": (
        "warning",
        "notes were added",
        "every change of a flag would leave a note",
        _WORKFLOW,
    ),
    "editor": (
        "warning",
        "somebody else changed the ticket after us",
        "a workflow answers our writes, or our own are not known as ours and would be read as news",
        _WORKFLOW,
    ),
    "wrote": (
        "warning",
        "the customer wrote meanwhile",
        "what moved may be due to that: the canary says nothing",
        "take a ticket on which nobody works",
    ),
}


@dataclass(slots=True, kw_only=True)
class Flight:
    """What was seen on the way. `refused`: why the write failed. `overwritten`: what the field showed instead
    of our value. `stuck`: why the former value may not stand again. `lost`: why we could not look."""

    moves: list[Move] = field(default_factory=list)
    refused: str = ""
    overwritten: str | None = None
    stuck: str = ""
    lost: str = ""
    mark: str = ""  # the ticket's version right after our write
    ours: bool = False
    deliveries: int | None = None  # None: no webhook is asked for
    whole: bool = True  # every field of the ticket was looked at

    def saw(self, moves: Sequence[Move]) -> None:
        """Remember what was not seen before."""
        self.moves += [move for move in moves if move not in self.moves]

    def said(self, kind: Kind) -> list[str]:
        return [move.text for move in self.moves if move.kind == kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a canary; `findings` in the order of how bad they are."""

    connection: str
    ticket_id: str
    flag: str
    was: str
    wrote: str
    by: str
    at: datetime
    watched_s: float
    findings: Sequence[Finding]

    @property
    def passed(self) -> bool:
        return not bad(self.findings)

    def as_json(self) -> dict[str, Any]:
        return {
            "connection": self.connection,
            "ticket": self.ticket_id,
            "flag": self.flag,
            "was": self.was,
            "wrote": self.wrote,
            "by": self.by,
            "at": self.at.isoformat(),
            "watched_s": self.watched_s,
            "passed": self.passed,
            "findings": [one.as_json() for one in self.findings],
        }


def findings(flight: Flight, aim: Aim) -> list[Finding]:
    """What to say of it, worst first."""
    told = [*_write(flight, aim), *_moves(flight), *_undone(flight, aim), *_calls(flight)]
    if not flight.whole:
        told.append(
            _finding(
                "note",
                "canary-half-seen",
                "the adapter of this vendor shows a few fields of a ticket only",
                why="a change of any other is not noticed",
                fix="compare the ticket in the PSA with your own eyes",
            )
        )
    if not bad(told):
        told.append(_finding("ok", "", "nothing else moved: no note, no mail, no status, no other field"))
    order: list[Severity] = ["error", "warning", "note", "ok"]
    return sorted(told, key=lambda one: order.index(one.severity))


def _finding(
    severity: Severity, code: str, found: str, *, why: str = "", fix: str = "", evidence: Sequence[str] = ()
) -> Finding:
    return Finding(
        check="canary",
        severity=severity,
        looked_at="the test ticket, before and after one write",
        found=found,
        why=why,
        fix=fix,
        code=code,
        evidence=tuple(evidence),
    )


def _write(flight: Flight, aim: Aim) -> list[Finding]:
    if flight.refused:
        why = "no flag will ever stand on a ticket"
        fix = "give the API user the right to change tickets and their custom fields (docs/connect-*.md)"
        found = f"the write failed: {flight.refused}"
        return [_finding("error", "canary-refused", found, why=why, fix=fix)]
    if flight.overwritten is not None:
        found = f"the field shows {cut(flight.overwritten)} and not {cut(aim.wrote)}, as we wrote"
        why = "somebody else writes our field, or the PSA takes writes and does not keep them"
        fix = "find who writes it (is a connector with writes on running beside?), or give us another field"
        return [_finding("error", "canary-not-kept", found, why=why, fix=fix)]
    told = [_finding("ok", "", f"{aim.flag} was written and read back: {cut(aim.wrote)}")]
    if flight.lost:
        why = "what moved in that time is not known"
        found = f"the ticket could not be watched to the end: {flight.lost}"
        told.append(_finding("warning", "canary-lost", found, why=why, fix="run the canary again"))
    return told


def _moves(flight: Flight) -> list[Finding]:
    told = []
    for kind, (severity, what, why, fix) in _KINDS.items():
        if said := flight.said(kind):
            found = f"{what}: {'; '.join(said)}"
            told.append(_finding(severity, f"canary-{kind}", found, why=why, fix=fix, evidence=said))
    if flight.ours and not flight.said("editor"):
        told.append(
            _finding("ok", "", "the PSA names us as who made the change: our edits are known as ours")
        )
    return told


def _undone(flight: Flight, aim: Aim) -> list[Finding]:
    if flight.refused:
        return []
    if flight.overwritten is not None and not flight.stuck:
        return [_finding("ok", "", "our value does not stand there any more: nothing to undo")]
    if not flight.stuck:
        return [_finding("ok", "", f"undone: {aim.flag} shows {cut(aim.was)} again")]
    why = f"ticket {aim.ticket_id} still shows what the canary wrote"
    fix = f"run doctor with --fix to try again, or set the field to {cut(aim.was)} by hand"
    return [_finding("error", "canary-not-undone", f"not undone: {flight.stuck}", why=why, fix=fix)]


def _calls(flight: Flight) -> list[Finding]:
    if flight.deliveries is None:
        return []
    if flight.deliveries > LOOP:
        found = f"{flight.deliveries} webhooks came in about two writes"
        why = "something answers itself, and uses up the PSA's requests"
        return [_finding("warning", "canary-loop", found, why=why, fix=_WORKFLOW)]
    kept = "none, as where the PSA keeps our own changes from us" if not flight.deliveries else "taken in"
    return [_finding("ok", "", f"webhooks about this ticket: {flight.deliveries} ({kept})")]
