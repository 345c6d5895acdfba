"""Findings on priorities: a promise for one that the PSA lacks never holds, and one nobody named has none."""

from __future__ import annotations

from collections.abc import Mapping

from connector.clients.problems import suggestion
from connector.history.doctor.findings import Finding, Seen, file_of, not_seen, some

_LOOKED = "the priorities of the PSA, beside those under `targets` in the files"


def priorities(seen: Seen) -> list[Finding]:
    """What the files promise for, and what the PSA has."""
    assert seen.facts is not None
    there = {name.strip().casefold(): name for name in seen.facts.priorities}
    if not there:
        return [not_seen("priorities", _LOOKED, "the PSA shows no priorities")]
    unknown: dict[str, list[str]] = {}
    bare: dict[str, list[str]] = {}
    for policy in seen.policies:
        for name in policy.targets.keys() - there.keys() - {"*"}:
            unknown.setdefault(name, []).append(file_of(policy))
        for name in there.keys() - policy.targets.keys() if "*" not in policy.targets else ():
            bare.setdefault(there[name], []).append(file_of(policy))
    found = [*_unknown(unknown, there), *_bare(bare)]
    fine = Finding(check="priorities", severity="ok", looked_at=_LOOKED, found=some(there.values()))
    return found or [fine]


def _unknown(unknown: Mapping[str, list[str]], there: Mapping[str, str]) -> list[Finding]:
    return [
        Finding(
            check="priorities",
            severity="warning",
            looked_at=_LOOKED,
            found=f"the PSA has no priority '{name}'{suggestion(name, there)} (named by {some(files)})",
            why="what is promised for it never holds: its tickets run under `*`, or under no promise",
            fix="write it under `targets` as the PSA does",
            code="priority-unknown",
        )
        for name, files in sorted(unknown.items())
    ]


def _bare(bare: Mapping[str, list[str]]) -> list[Finding]:
    return [
        Finding(
            check="priorities",
            severity="warning",
            looked_at=_LOOKED,
            found=f"nothing is promised for priority '{name}' in {some(files)}",
            why="tickets of that priority have no clock at all and are never at risk",
            fix="name it under `targets`, or give the rest one promise with `*`",
            code="priority-without-promise",
        )
        for name, files in sorted(bare.items())
    ]
