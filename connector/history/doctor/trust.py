"""Findings on whether it may be trusted to write: the canary, and what a broken-off one left in the PSA."""

from __future__ import annotations

from connector.history.doctor.findings import Finding, Seen, Severity

_COMMAND = "`px-connector doctor --canary TICKET` with the number of a test ticket"


def canary(seen: Seen) -> list[Finding]:
    """How the connection stands, and every ticket that may still show a canary's value."""
    return [*_left(seen), *_standing(seen)]


def _standing(seen: Seen) -> list[Finding]:
    if seen.standing is None:
        return []
    state, found = seen.standing.state, seen.standing.why
    if state in ("passed", "watches"):
        return [_finding("ok", found)]
    if state == "waived":
        why = "nobody has watched what our writes set in motion in this PSA"
        return [_finding("note", found, why, f"run {_COMMAND}, then take `canary` out", "canary-waived")]
    why = "`run` refuses to start while write_back is true"
    fix = f"run {_COMMAND}; or set write_back: false, or waive it with a reason (docs/doctor.md)"
    return [_finding("error", found, why, fix, "canary-missing")]


def _left(seen: Seen) -> list[Finding]:
    found = []
    for row, problem in seen.left:
        told = f"the canary of {row.at:%Y-%m-%d %H:%M} UTC on ticket {row.ticket_id} was broken off"
        if problem == "":
            found.append(_finding("ok", f"{told}; its value does not stand there any more"))
            continue
        more = f", and it cannot be undone: {problem}" if problem else ""
        why = f"`{row.flag}` of that ticket may still show {row.wrote!r}"
        fix = "run doctor with --fix, or any --canary: both put the former value back"
        found.append(_finding("error", told + more, why, fix, "canary-left"))
    return found


def _finding(severity: Severity, found: str, why: str = "", fix: str = "", code: str = "") -> Finding:
    looked = "write_back, and the canaries that were tried"
    return Finding(
        check="canary", severity=severity, looked_at=looked, found=found, why=why, fix=fix, code=code
    )
