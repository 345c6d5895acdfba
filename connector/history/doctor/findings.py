"""What `doctor` says, and what it says it from: once seen, a finding is worked out without asking again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import PurePath
from typing import Any, Literal, get_args

from connector.errors import ConfigError, ConnectorError
from connector.history.canary.gate import Standing
from connector.psa.checkup import HookState, Spent
from connector.psa.port import PsaFacts, QuotaState, VendorCalendar
from connector.rules.policy import Policy
from connector.store.canaries import Canary

Severity = Literal["ok", "note", "warning", "error"]
LISTED = 8
"""Names shown of many."""

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From fine to bad. `warning` and worse end the command with 1."""

Check = Literal[
    "files", "credentials", "rights", "fields", "webhook", "requests", "clock", "time zones", "statuses",
    "days off", "clients", "set-up", "canary", "priorities",
    "response", "pauses", "hours", "targets", "SLA", "webhooks", "people", "reopening", "resolution",
]  # fmt: skip
"""The last line is of `lint`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`found` says it in one sentence; `why` it matters and how to `fix` it are '' where it is fine.

    `code` names the fault for programs, `where` the PSA's own screen; `evidence`: figures and ticket ids.
    """

    check: Check
    severity: Severity
    looked_at: str
    found: str
    why: str = ""
    fix: str = ""
    code: str = ""
    where: str = ""
    evidence: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return dict(asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found of one connection; `requests`: how many the PSA was sent for it."""

    connection: str
    vendor: str
    server: str
    requests: int
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "connection": self.connection,
            "vendor": self.vendor,
            "server": self.server,
            "requests": self.requests,
            "findings": [one.as_json() for one in self.findings],
        }


@dataclass(slots=True, kw_only=True)
class Seen:
    """What the PSA answered.

    `failure`: why nothing more was asked. `unseen`: what could not be looked at -> why.
    `mended`: what `--fix` did to the webhook; `hook` is its state before that. `left`: canaries that were
    broken off, each with why its value is still there, '' if it is not any more, None if nobody tried.
    """

    policies: Sequence[Policy]
    today: date
    facts: PsaFacts | None = None
    failure: ConnectorError | None = None
    lacking: Mapping[str, str] = field(default_factory=dict)
    behind: timedelta = timedelta(0)
    hook_url: str = ""
    hook: HookState | None = None
    mended: str = ""
    spent: Spent | None = None
    quota: QuotaState | None = None
    calendars: Sequence[VendorCalendar] = ()
    companies: Mapping[str, str] = field(default_factory=dict)
    standing: Standing | None = None
    left: Sequence[tuple[Canary, str | None]] = ()
    unseen: dict[Check, str] = field(default_factory=dict)


def file_of(policy: Policy) -> str:
    """The client's file as people call it; the client where the rules came from elsewhere."""
    return "/".join(PurePath(policy.source).parts[-2:]) or policy.client


def not_seen(check: Check, looked: str, problem: str) -> Finding:
    """For what could not be looked at."""
    return Finding(
        check=check,
        severity="note",
        looked_at=looked,
        found=f"not looked at: {problem}",
        why="what is wrong there is not told",
        fix="give the API user the right to read it, and run doctor again",
        code="not-seen",
    )


def bad(findings: Iterable[Finding]) -> bool:
    """Whether any is a warning or worse."""
    return any(SEVERITIES.index(one.severity) >= SEVERITIES.index("warning") for one in findings)


def files_of(errors: Sequence[ConfigError]) -> list[Finding]:
    """What is wrong with the clients' files: a file with an error is left out of everything."""
    return [
        Finding(
            check="files",
            severity="error",
            looked_at="the clients' files",
            found=str(error),
            why="the rules of that file are not used: its tickets are not judged",
            fix="mend the place named; `px-connector check` says when it is right",
            code="file-wrong",
        )
        for error in errors
    ]


def some(names: Iterable[str]) -> str:
    """The first few, and how many more."""
    names = list(names)
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more
