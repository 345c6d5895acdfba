"""Findings on what statuses do to the PSA's SLA: answers nobody gave, and clocks that stand or go wrongly."""

from __future__ import annotations

from collections.abc import Iterable

from connector.history.doctor.findings import Finding, file_of, some
from connector.history.lint.names import tells
from connector.history.lint.past import Share
from connector.history.lint.report import Looked, tickets_of
from connector.psa.slasetup import StatusSetup
from connector.rules.policy import Policy
from connector.rules.psa_says import RESOLVED, WAITING

ANSWERS = frozenset({"Responded", "ResolutionPlan"})
ENOUGH, HOLLOW = 5, 0.2
"""Hollow responses from which what happened speaks against a status, whatever its name says."""

_LOOKED = "the statuses of the PSA, and what each does to its SLA"
_CLOCK = "the PSA reports the promise as kept while the customer has heard nothing"


def responses(seen: Looked) -> list[Finding]:
    """Statuses that count as a response though nobody need have written."""
    if seen.setup is None:
        return _by_past_alone(seen)
    found = []
    answers = [one for one in seen.setup.statuses if one.stage in ANSWERS and not one.first]
    for name, rows in _by_name(answers).items():
        share = seen.past.by_status.get(name) if seen.past else None
        what = tells(name)
        if what == "customer wrote":
            found.append(_reply(seen, name, rows, share))
        elif what in ("a button", "nothing") or (share and share.worth(ENOUGH, HOLLOW)):
            found.append(_status(seen, name, rows, share, sure=what == "a button"))
    return found


def _status(seen: Looked, name: str, rows: list[StatusSetup], share: Share | None, *, sure: bool) -> Finding:
    assert seen.setup is not None
    hollow = share is not None and bool(share.hollow)
    return seen.fault(
        "status-is-response",
        "response",
        f"setting a ticket to '{name}' counts as {_answered(rows)}{_where(rows)}, whether or not "
        "anybody wrote to the customer",
        severity="warning" if sure or hollow else "note",
        looked_at=_LOOKED,
        why=_CLOCK,
        fix=f"let '{name}' count as nothing, and a status that is only set once the customer was spoken with "
        "('Customer Contacted', say) as the response",
        evidence=[*_evidence(share), *_assigners(seen, rows), *_assumed(seen)],
    )


def _reply(seen: Looked, name: str, rows: list[StatusSetup], share: Share | None) -> Finding:
    return seen.fault(
        "reply-is-response",
        "response",
        f"a ticket comes into '{name}' when the customer writes, and that counts as {_answered(rows)}"
        f"{_where(rows)}",
        looked_at=_LOOKED,
        why="a customer who writes a second time answers himself: the promise counts as kept",
        fix=f"let '{name}' count as nothing",
        evidence=[*_evidence(share), *_assumed(seen)],
    )


def _by_past_alone(seen: Looked) -> list[Finding]:
    if seen.past is None:
        return []
    return [
        seen.fault(
            "status-is-response",
            "response",
            f"the PSA counted a response when '{name}' was set and nobody had written",
            looked_at="the PSA's responses on the tickets of the store",
            why=_CLOCK,
            fix=f"let '{name}' count as nothing in the PSA",
            evidence=_evidence(share),
        )
        for name, share in seen.past.by_status.items()
        if share.worth(ENOUGH, HOLLOW)
    ]


def beginnings(seen: Looked) -> list[Finding]:
    """Statuses that new tickets begin in, which answer them or keep the clock from starting."""
    if seen.setup is None:
        return []
    first = [one for one in seen.setup.statuses if one.first]
    answered = _by_name(one for one in first if one.stage in (*ANSWERS, RESOLVED))
    paused = _by_name(one for one in first if one.stage == WAITING)
    found = [
        seen.fault(
            "opens-responded",
            "response",
            f"new tickets begin in '{name}', which counts as {_answered(rows)}{_where(rows)}",
            severity="error",
            looked_at=_LOOKED,
            why="every ticket is answered the moment it is opened: the PSA's response time means nothing",
            fix="let new tickets begin in a status that counts as nothing",
        )
        for name, rows in answered.items()
    ]
    return found + [
        seen.fault(
            "opens-paused",
            "pauses",
            f"new tickets begin in '{name}', in which the SLA's clock stands{_where(rows)}",
            severity="error",
            looked_at=_LOOKED,
            why="the clock of a new ticket does not start until somebody touches it",
            fix="let new tickets begin in a status in which the clock goes",
        )
        for name, rows in paused.items()
    ]


def pauses(seen: Looked) -> list[Finding]:
    """Waiting: where the PSA knows none, counts on, or stands where the client's rules go on."""
    if seen.setup is None or not seen.policies or "statuses" in seen.setup.untold:
        return []
    live = [one for one in seen.setup.statuses if not one.closed]
    standing = _by_name(one for one in live if one.stage == WAITING and not one.first)
    pausing = [policy for policy in seen.policies if policy.pause.statuses]
    if live and not standing and pausing:
        return [
            seen.fault(
                "no-pause-status",
                "pauses",
                "no status of the PSA stops its SLA's clock, and the clients' rules pause in some",
                looked_at=_LOOKED,
                why="time in which the customer is waited for is counted against the desk, so people close "
                "and reopen tickets to escape it",
                fix="let the statuses in which the customer is waited for stop the clock",
                evidence=[f"rules that pause: {some(map(file_of, pausing))}"],
            )
        ]
    return [*_counted_on(seen, live), *_only_there(seen, standing)]


def _counted_on(seen: Looked, live: Iterable[StatusSetup]) -> list[Finding]:
    """Statuses that pause by the rules, and in which the PSA counts on."""
    going = _by_name(one for one in live if one.stage not in (WAITING, RESOLVED))
    found = []
    for name, rows in going.items():
        files = [file_of(policy) for policy in seen.policies if name.casefold() in policy.pause.statuses]
        if files:
            found.append(
                seen.fault(
                    "pause-counted",
                    "pauses",
                    f"the rules pause in '{name}', and the PSA's clock goes on in it{_where(rows)}",
                    looked_at=_LOOKED,
                    why="the PSA reports a miss while the customer is waited for, and its due times are too "
                    "early",
                    fix=f"let '{name}' stop the clock in the PSA, or take it out of `pause.statuses`",
                    evidence=[f"named by {some(files)}"],
                )
            )
    return found


def _only_there(seen: Looked, standing: dict[str, list[StatusSetup]]) -> list[Finding]:
    """Statuses in which the PSA stands and the rules go on, though they name them for something else."""
    found = []
    for name, rows in standing.items():
        files = [file_of(policy) for policy in seen.policies if _goes_on(policy, name.casefold())]
        if files:
            found.append(
                seen.fault(
                    "pause-only-there",
                    "pauses",
                    f"the PSA's clock stands in '{name}'{_where(rows)}, and the rules do not pause in it",
                    looked_at=_LOOKED,
                    why="the PSA shows time left where the client's promise is running out",
                    fix=f"name '{name}' under `pause.statuses`, or let the clock go on in it in the PSA",
                    evidence=[f"rules of {some(files)}"],
                )
            )
    return found


def _goes_on(policy: Policy, status: str) -> bool:
    return status not in policy.pause.statuses | policy.exclude_statuses | policy.resolution.statuses


def _by_name(statuses: Iterable[StatusSetup]) -> dict[str, list[StatusSetup]]:
    found: dict[str, list[StatusSetup]] = {}
    for one in statuses:
        found.setdefault(one.name, []).append(one)
    return found


def _answered(rows: Iterable[StatusSetup]) -> str:
    stages = {one.stage for one in rows}
    if RESOLVED in stages:
        return "solved"
    return "response and plan" if "ResolutionPlan" in stages else "a response"


def _where(rows: Iterable[StatusSetup]) -> str:
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


def _assumed(seen: Looked) -> list[str]:
    if seen.vendor != "autotask":
        return []
    return ["by `sla_events` of connector.yaml, or Autotask's own default: the API does not tell the mapping"]
