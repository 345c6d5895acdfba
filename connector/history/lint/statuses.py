"""Findings on statuses that count as a response though nobody need have written."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from connector.history.doctor.findings import Finding, some
from connector.history.lint.names import tells
from connector.history.lint.past import Share
from connector.history.lint.report import Looked, tickets_of
from connector.psa.slasetup import StatusSetup
from connector.rules.psa_says import RESOLVED, WAITING

ANSWERS = frozenset({"Responded", "ResolutionPlan"})
ENOUGH, HOLLOW = 5, 0.2
"""Hollow responses from which what happened speaks against a status, whatever its name says."""

PROVEN = 20
"""Responses, none of them hollow, from which the desk is taken to write first whatever the name says."""

LOOKED = "the statuses of the PSA, and what each does to its SLA"
_CLOCK = "the PSA reports the promise as kept while the customer has heard nothing"


def responses(seen: Looked) -> list[Finding]:
    """Statuses that count as a response though nobody need have written."""
    found: list[Finding] = []
    statuses = seen.setup.statuses if seen.setup else ()
    answers = by_name(one for one in statuses if one.stage in ANSWERS and not one.first)
    for name, rows in answers.items():
        share = seen.past.by_status.get(name) if seen.past else None
        what = tells(name)
        if what == "customer wrote":
            found.append(_reply(seen, name, rows, share))
        elif what in ("a button", "nothing") or (share and share.worth(ENOUGH, HOLLOW)):
            found.append(_status(seen, name, rows, share, sure=what == "a button"))
    return [*found, *_by_past_alone(seen, answers)]


def _status(seen: Looked, name: str, rows: list[StatusSetup], share: Share | None, *, sure: bool) -> Finding:
    hollow = share is not None and bool(share.hollow)
    proven = share is not None and share.all >= PROVEN and not hollow
    return seen.fault(
        "status-is-response",
        "response",
        f"setting a ticket to '{name}' counts as {_answered(rows)}{where(rows)}, whether or not "
        "anybody wrote to the customer",
        severity="warning" if (sure and not proven) or hollow else "note",
        looked_at=LOOKED,
        why=_CLOCK,
        fix=f"let '{name}' count as nothing, and a status that is only set once the customer was spoken with "
        "('Customer Contacted', say) as the response",
        evidence=[*_evidence(share), *_assigners(seen, rows), *_assumed(seen, name)],
    )


def _reply(seen: Looked, name: str, rows: list[StatusSetup], share: Share | None) -> Finding:
    return seen.fault(
        "reply-is-response",
        "response",
        f"a ticket comes into '{name}' when the customer writes, and that counts as {_answered(rows)}"
        f"{where(rows)}",
        looked_at=LOOKED,
        why="a customer who writes a second time answers himself: the promise counts as kept",
        fix=f"let '{name}' count as nothing",
        evidence=[*_evidence(share), *_assumed(seen, name)],
    )


def _by_past_alone(seen: Looked, told: Collection[str]) -> list[Finding]:
    """Of statuses that the set-up says nothing of."""
    return [
        seen.fault(
            "status-is-response",
            "response",
            f"the PSA counted responses when '{name}' was set and nobody had written",
            looked_at="the PSA's responses on the tickets of the store",
            why=_CLOCK,
            fix=f"let '{name}' count as nothing in the PSA",
            evidence=_evidence(share),
        )
        for name, share in (seen.past.by_status.items() if seen.past else ())
        if name not in told and share.worth(ENOUGH, HOLLOW)
    ]


def beginnings(seen: Looked) -> list[Finding]:
    """Statuses that new tickets begin in, which answer them or keep the clock from starting."""
    if seen.setup is None:
        return []
    first = [one for one in seen.setup.statuses if one.first]
    answered = by_name(one for one in first if one.stage in (*ANSWERS, RESOLVED))
    paused = by_name(one for one in first if one.stage == WAITING)
    found = [
        seen.fault(
            "opens-responded",
            "response",
            f"new tickets begin in '{name}', which counts as {_answered(rows)}{where(rows)}",
            severity="error",
            looked_at=LOOKED,
            why="every ticket is answered the moment it is opened: the PSA's response time means nothing",
            fix="let new tickets begin in a status that counts as nothing",
        )
        for name, rows in answered.items()
    ]
    return found + [
        seen.fault(
            "opens-paused",
            "pauses",
            f"new tickets begin in '{name}', in which the SLA's clock stands{where(rows)}",
            severity="error",
            looked_at=LOOKED,
            why="the clock of a new ticket does not start until somebody touches it",
            fix="let new tickets begin in a status in which the clock goes",
        )
        for name, rows in paused.items()
    ]


def by_name(statuses: Iterable[StatusSetup]) -> dict[str, list[StatusSetup]]:
    found: dict[str, list[StatusSetup]] = {}
    for one in statuses:
        found.setdefault(one.name, []).append(one)
    return found


def _answered(rows: Iterable[StatusSetup]) -> str:
    stages = {one.stage for one in rows}
    if RESOLVED in stages:
        return "solved"
    return "response and plan" if "ResolutionPlan" in stages else "a response"


def where(rows: Iterable[StatusSetup]) -> str:
    boards = [one.where for one in rows if one.where]
    return f" on {some(boards)}" if boards else ""


def _evidence(share: Share | None) -> list[str]:
    if share is None or not share.all:
        return []
    told = f"{share} responses that the PSA counted in this status were hollow: nobody had written"
    return [told, *([tickets_of(share.hollow)] if share.hollow else [])]


def _assigners(seen: Looked, rows: Iterable[StatusSetup]) -> list[str]:
    assert seen.setup is not None
    boards = [one.where for one in rows if one.where in seen.setup.auto_assigns]
    return [f"new tickets of {some(boards)} are assigned by themselves"] if boards else []


def _assumed(seen: Looked, name: str) -> list[str]:
    """Where a status has its meaning from, if not from the PSA."""
    said = {one.status.casefold(): one for one in seen.meanings}
    meaning = said.get(name.casefold()) or said.get("*")
    if meaning is None:
        return []
    whose = "connector.yaml says so" if meaning.written else "it is taken as the vendor ships it"
    return [f"the PSA's API does not tell what a status means: {whose}"]
