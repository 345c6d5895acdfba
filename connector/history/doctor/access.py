"""Findings on how we are let in: login, rights, our webhook, the PSA's patience, its clock."""

from __future__ import annotations

from datetime import timedelta

from connector.errors import AuthFailed, ConfigError, Throttled
from connector.history.doctor.findings import Check, Finding, Seen, not_seen
from connector.psa.clocks import TOLD

MUCH, MOST = 0.5, 0.75
"""Shares of the PSA's requests from which their use is told, and is a warning."""

_HOOK = {
    "off": "our webhook is switched off",
    "incomplete": "our webhook is on, but not told of all that we must hear",
    "missing": "our webhook is not there",
}


def login(seen: Seen) -> list[Finding]:
    """Whether we are let in at all; if not, this is the only finding."""
    looked = "the address, and the login with the keys of connector.yaml"
    if seen.facts is not None:
        return [Finding(check="credentials", severity="ok", looked_at=looked, found=seen.facts.server)]
    error = seen.failure
    check: Check = "credentials"
    if isinstance(error, ConfigError):
        code = "secret-unreadable"
        fix = "put the secret where connector.yaml says it stands"
    elif isinstance(error, AuthFailed):
        code = "login-refused"
        fix = (
            "compare address and keys in connector.yaml with those of the API user in the PSA, and look "
            "whether that user is active; then run doctor again, once: repeated failures lock accounts"
        )
    elif isinstance(error, Throttled):
        check, code = "requests", "requests-used-up"
        fix = "wait until the PSA's window is over; find out which integration uses so many requests"
    else:
        code = "unreachable"
        fix = "look whether the address in connector.yaml is right and can be reached from this machine"
    why = "nothing of this connection can be read or written"
    return [
        Finding(
            check=check, severity="error", looked_at=looked, found=str(error), why=why, fix=fix, code=code
        )
    ]


def rights(seen: Seen) -> list[Finding]:
    looked = "one row of everything that is read later"
    if not seen.lacking:
        return [
            Finding(check="rights", severity="ok", looked_at=looked, found="all that is read may be read")
        ]
    return [
        Finding(
            check="rights",
            severity="warning",
            looked_at=looked,
            found=f"{what}: {reason}",
            why="the connector does without it: what it would have told is not known",
            fix="give the API user the right to read it (docs/connect-*.md lists all rights)",
            code="right-missing",
        )
        for what, reason in seen.lacking.items()
    ]


def webhook(seen: Seen) -> list[Finding]:
    looked = f"what calls {seen.hook_url}" if seen.hook_url else "the settings"
    if not seen.hook_url:
        return [
            Finding(
                check="webhook",
                severity="note",
                looked_at=looked,
                found="no webhook is asked for",
                why="changes are noticed by polling only, up to `poll_every` later",
                fix="set web.public_url, and the webhook's secret where the vendor needs one",
                code="webhook-not-asked-for",
            )
        ]
    why = "changes are noticed by polling only, up to `poll_every` later"
    if problem := seen.unseen.get("webhook"):
        fix = "let the API user see and make webhooks; or make it by hand, with `callbacks: false`"
        return [_hook("webhook-not-seen", looked, problem, why, fix)]
    if seen.hook is None:
        return [not_seen("webhook", looked, "the adapter of this vendor cannot tell")]
    if seen.hook == "alive" or seen.mended:
        found = f"{_HOOK[seen.hook]}; now {seen.mended}" if seen.mended else "alive"
        return [Finding(check="webhook", severity="ok", looked_at=looked, found=found)]
    fix = "run doctor with --fix, or start the daemon: both create it or switch it on again"
    found = _HOOK[seen.hook]
    return [_hook(f"webhook-{seen.hook}", looked, found, why, fix)]


def _hook(code: str, looked: str, found: str, why: str, fix: str) -> Finding:
    return Finding(
        check="webhook", severity="warning", looked_at=looked, found=found, why=why, fix=fix, code=code
    )


def requests(seen: Seen) -> list[Finding]:
    assert seen.quota is not None
    looked = "how often the PSA told us to wait"
    findings = []
    if seen.quota.throttled_total:
        findings.append(
            Finding(
                check="requests",
                severity="warning",
                looked_at=looked,
                found=f"the PSA told us to wait, {seen.quota.throttled_total} times in "
                f"{seen.quota.requests_total} requests (429)",
                why="others use up its patience: what the connector reads and writes comes late",
                fix="find out which integration asks so much; lower the limit of this connection",
                code="requests-throttled",
            )
        )
    if seen.spent is None:
        fine = "we were never told to wait; this PSA does not say how many are left"
        return findings or [Finding(check="requests", severity="ok", looked_at=looked, found=fine)]
    return [*findings, _spent(seen)]


def _spent(seen: Seen) -> Finding:
    assert seen.spent is not None
    used, limit = seen.spent.used, seen.spent.limit
    looked = f"what all integrations have used in the last {seen.spent.minutes} min"
    found = f"{used:,} of {limit:,} requests used"
    if used < MUCH * limit:
        return Finding(check="requests", severity="ok", looked_at=looked, found=found)
    return Finding(
        check="requests",
        severity="warning" if used >= MOST * limit else "note",
        looked_at=looked,
        found=f"{found}: {max(0, limit - used):,} are left",
        why="from half of it on every answer is slower, above it all integrations are shut out; we give way",
        fix="find out which integration uses so many, and have it ask less often",
        code="requests-spent",
    )


def clock(seen: Seen) -> list[Finding]:
    looked = "the date on the PSA's answers, beside this machine's clock"
    if abs(seen.behind) <= TOLD:
        return [Finding(check="clock", severity="ok", looked_at=looked, found="the two clocks agree")]
    way = "behind" if seen.behind > timedelta(0) else "ahead of"
    minutes = abs(seen.behind) / timedelta(minutes=1)
    return [
        Finding(
            check="clock",
            severity="warning",
            looked_at=looked,
            found=f"the PSA's clock is {minutes:.0f} min {way} ours",
            why="what the PSA stamps and what we stamp is off by as much: so is every promise",
            fix="set the clock that is wrong; most often that of this machine (NTP)",
            code="clock-off",
        )
    ]
