"""Findings on what the PSA promises: no SLA, priorities without a promise, others than the client's file."""

from __future__ import annotations

from collections.abc import Mapping

from connector.history.doctor.findings import Finding, file_of, some
from connector.history.lint.agreed import InForce, in_force
from connector.history.lint.report import Looked, tickets_of
from connector.model import PromiseName
from connector.psa.slasetup import SlaTarget
from connector.rules.policy import Target

SLACK_MIN = 0.5
"""Minutes by which two promises may differ: some PSAs keep hours with two decimals."""

FEW = 0.05
"""Share of tickets without an SLA up to which that is only worth a note."""

_COMPARED: tuple[PromiseName, ...] = ("response", "resplan", "resolution")
_WORDS: Mapping[PromiseName, str] = {"response": "response", "resplan": "plan", "resolution": "resolution"}


def slas(seen: Looked) -> list[Finding]:
    """Whether tickets get an SLA at all."""
    if seen.setup is None:
        return []
    found = []
    why = "a ticket without an SLA has no due time: the PSA never warns of it and never counts it as missed"
    told = [one for one in seen.setup.slas if one.hours != "unknown" or one.targets]
    readable = (told or not seen.setup.slas) and "SLA" not in seen.setup.untold
    if readable and not any(one.default for one in seen.setup.slas):
        found.append(
            seen.fault(
                "no-default-sla",
                "SLA",
                "no SLA is the default",
                looked_at="the SLAs of the PSA",
                why=why,
                fix="make the SLA that holds for everybody else the default",
                evidence=[f"SLAs: {some(one.name for one in seen.setup.slas) or 'none'}"],
            )
        )
    if seen.setup.bare and seen.setup.bare[0]:
        bare, all_, ids = seen.setup.bare
        found.append(
            seen.fault(
                "tickets-without-sla",
                "SLA",
                f"{bare} of {all_} tickets of the last 30 days have no SLA",
                severity="warning" if bare >= FEW * all_ else "note",
                looked_at="recent tickets",
                why=why,
                fix="give an SLA to the contracts, or to the ticket category, that those tickets come under",
                evidence=[tickets_of(ids)],
            )
        )
    return found


def empty(seen: Looked) -> list[Finding]:
    """Priorities to which an SLA in use promises nothing."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for one in in_force(seen):
        bare = tuple(
            target.priority
            for target in one.terms.targets
            if not target.minutes and one.policy.target(target.priority) is not None
        )
        if bare and "targets" not in (seen.setup.untold if seen.setup else {}):
            found.setdefault((one.terms.name, bare), []).append(file_of(one.policy))
    return [
        seen.fault(
            "priority-without-target",
            "targets",
            f"the SLA '{name}' promises nothing to {some(priorities)}",
            looked_at="the promises of each SLA in use, by priority",
            why="tickets of that priority have no due time in the PSA: nobody there sees them get late",
            fix="give the priority its hours in the SLA",
            evidence=[f"holds for {some(files)}"],
        )
        for (name, priorities), files in found.items()
    ]


def targets(seen: Looked) -> list[Finding]:
    """Promises that differ from those of the client's file."""
    found: dict[tuple[str, bool, tuple[str, ...]], list[str]] = {}
    for one in in_force(seen):
        differ = tuple(text for target in one.terms.targets for text in _differences(one, target))
        if differ:
            found.setdefault((one.terms.name, one.own, differ), []).append(file_of(one.policy))
    return [
        seen.fault(
            "agreed-sla-differs" if own else "target-differs",
            "targets",
            f"the SLA '{name}'{', agreed for this client,' if own else ''} promises otherwise "
            f"than {some(files)}",
            looked_at="what the SLA in force promises, beside the client's file",
            why="people work towards the PSA's due time, and the client was promised another",
            fix="find out what was agreed with the client; change the SLA in the PSA or `targets` in the file"
            + (", or give the client the SLA that was agreed" if own else ""),
            evidence=differ,
        )
        for (name, own, differ), files in found.items()
    ]


def _differences(one: InForce, there: SlaTarget) -> list[str]:
    """What one priority's promises differ in, a line each. A promise the PSA does not know is left out."""
    here = one.policy.target(there.priority)
    if not there.minutes:
        return []
    if here is None:
        return [f"{there.priority}: promised there, no target here"]
    known = {name for target in one.terms.targets for name in target.minutes}
    return [
        f"{there.priority} {_WORDS[name]}: {_said(there.minutes.get(name))} there, {_said(promised)} here"
        for name in _COMPARED
        if name in known
        and (promised := _promised(here, name)) is not None
        and abs(there.minutes.get(name, 0.0) - promised) > SLACK_MIN
    ]


def _promised(target: Target, name: PromiseName) -> float | None:
    return target.minutes.get(name) or None


def _said(minutes: float | None) -> str:
    if not minutes:
        return "nothing"
    return f"{minutes / 60:g} h" if minutes >= 60 else f"{minutes:g} min"
