"""Findings on waiting: where the PSA knows none, counts on, or stands while the client's clock goes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connector.clients.captions import strange_statuses
from connector.clients.problems import suggestion
from connector.history.doctor.findings import Finding, file_of, some
from connector.history.lint.report import Looked
from connector.history.lint.statuses import LOOKED, by_name, where
from connector.psa.slasetup import StatusSetup
from connector.rules.policy import Policy
from connector.rules.psa_says import RESOLVED, WAITING


def pauses(seen: Looked) -> list[Finding]:
    """Waiting: where the PSA knows none, counts on, or stands where the client's rules go on."""
    if seen.setup is None or not seen.policies:
        return []
    unknown = _unknown(seen, [one.name for one in seen.setup.statuses])
    if "statuses" in seen.setup.untold:
        return unknown
    live = [one for one in seen.setup.statuses if not one.closed]
    standing = by_name(one for one in live if one.stage == WAITING and not one.first)
    pausing = [policy for policy in seen.policies if policy.pause.statuses]
    if live and not standing and pausing:
        return [
            *unknown,
            seen.fault(
                "no-pause-status",
                "pauses",
                "no status of the PSA stops its SLA's clock, and the clients' rules pause in some",
                looked_at=LOOKED,
                why="time in which the customer is waited for is counted against the desk, so people close "
                "and reopen tickets to escape it",
                fix="let the statuses in which the customer is waited for stop the clock",
                evidence=[f"rules that pause: {some(map(file_of, pausing))}"],
            ),
        ]
    return [*unknown, *_counted_on(seen, live), *_only_there(seen, standing)]


def _unknown(seen: Looked, names: Sequence[str]) -> list[Finding]:
    """Statuses in which the rules pause and which the PSA does not have; those of the defaults may lack."""
    files: dict[str, list[str]] = {}
    for policy, name in strange_statuses(seen.policies, names):
        if name.casefold() in policy.pause.statuses:
            files.setdefault(name, []).append(file_of(policy))
    return [
        seen.fault(
            "pause-unknown",
            "pauses",
            f"the rules pause in '{name}', and the PSA has no such status{suggestion(name, names)}",
            looked_at=LOOKED,
            why="the pause that was agreed with the client never begins: its promises are missed too early",
            fix="write the status in `pause.statuses` as the PSA does, or make it in the PSA",
            evidence=[f"named by {some(where_)}"],
        )
        for name, where_ in files.items()
    ]


def _counted_on(seen: Looked, live: Iterable[StatusSetup]) -> list[Finding]:
    """Statuses that pause by the rules, and in which the PSA counts on."""
    going = by_name(one for one in live if one.stage not in (WAITING, RESOLVED))
    found = []
    for name, rows in going.items():
        files = [file_of(policy) for policy in seen.policies if name.casefold() in policy.pause.statuses]
        if files:
            found.append(
                seen.fault(
                    "pause-counted",
                    "pauses",
                    f"the rules pause in '{name}', and the PSA's clock goes on in it{where(rows)}",
                    looked_at=LOOKED,
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
                    f"the PSA's clock stands in '{name}'{where(rows)}, and the rules do not pause in it",
                    looked_at=LOOKED,
                    why="the PSA shows time left where the client's promise is running out",
                    fix=f"name '{name}' under `pause.statuses`, or let the clock go on in it in the PSA",
                    evidence=[f"rules of {some(files)}"],
                )
            )
    return found


def _goes_on(policy: Policy, status: str) -> bool:
    return status not in policy.pause.statuses | policy.exclude_statuses | policy.resolution.statuses
