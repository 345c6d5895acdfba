"""What `lint` looked at, and how it says what is wrong: findings of `doctor`'s form, with the PSA's screen.

A check that could not be made is said to be so: silence must mean that all is well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from connector.history.doctor.findings import Check, Finding, Severity
from connector.history.lint.past import Past, Share
from connector.psa.port import VendorCalendar
from connector.psa.slasetup import SlaSetup
from connector.rules.policy import Policy
from connector.settings.connection import StatusMeaning

_SCREENS: Mapping[str, Mapping[Check, str]] = {
    "connectwise": {
        "response": "System › Setup Tables › Service Board › the board › Statuses › SLA Status",
        "pauses": "System › Setup Tables › Service Board › the board › Statuses › SLA Status",
        "hours": "System › Setup Tables › SLA › the SLA › Based On, and Setup Tables › Calendar",
        "targets": "System › Setup Tables › SLA › the SLA › Priorities",
        "SLA": "System › Setup Tables › SLA, and Finance › Agreements › the agreement › SLA",
        "webhooks": "the API only: /system/callbacks",
        "people": "System › Members, and System › Members › API Members",
        "reopening": "System › Setup Tables › Service Board › the board › Email Connector",
        "resolution": "System › Workflow Rules, and Service Board › the board › Auto Close",
    },
    "autotask": {
        "response": "Admin › Features & Settings › Service Desk › Service Level Agreements › Status mapping",
        "pauses": "Admin › Features & Settings › Service Desk › Service Level Agreements › Status mapping",
        "hours": "Admin › Company Settings › Locations, and the SLA's own hours",
        "targets": "Admin › Features & Settings › Service Desk › Service Level Agreements › the SLA › Rules",
        "SLA": "Admin › Features & Settings › Service Desk › Service Level Agreements, and the contract's",
        "webhooks": "the API only: TicketWebhooks and TicketNoteWebhooks",
        "people": "Admin › Company Settings › Resources/Users",
        "reopening": "Admin › Features & Settings › Service Desk › Workflow Rules, Incoming Email",
        "resolution": "Admin › Features & Settings › Service Desk › Workflow Rules",
    },
    "halo": {
        "response": "Configuration › Tickets › Ticket Types › the type › Defaults, and › Actions",
        "pauses": "Configuration › Tickets › Statuses › the status › SLA action",
        "hours": "Configuration › Service Level Agreements › the SLA › Workday",
        "targets": "Configuration › Service Level Agreements › the SLA › Priorities",
        "SLA": "Configuration › Tickets › Ticket Types › the type › Defaults, and the site's SLA",
        "webhooks": "Configuration › Integrations › Webhooks",
        "people": "Configuration › Teams & Agents › Agents",
        "reopening": "Configuration › Tickets › Ticket Types › the type › Updates",
        "resolution": "Configuration › Tickets › Statuses › the status › Timers",
    },
}
"""Where a person finds it. Names of screens move from version to version; the last word leads there."""

MANY = 8
"""Ticket ids shown of many."""


@dataclass(slots=True, kw_only=True)
class Looked:
    """What was seen of one connection. `setup`, `past` None: not to be looked at; `not_made` says why.

    `meanings`: what statuses mean to the SLA by connector.yaml, where the PSA's API does not tell it.
    """

    vendor: str
    policies: Sequence[Policy]
    today: date
    meanings: Sequence[StatusMeaning] = ()
    setup: SlaSetup | None = None
    calendars: Sequence[VendorCalendar] = ()
    companies: Mapping[str, str] = field(default_factory=dict)
    past: Past | None = None
    not_made: dict[str, str] = field(default_factory=dict)

    def fault(
        self,
        code: str,
        check: Check,
        found: str,
        *,
        looked_at: str,
        why: str,
        fix: str,
        severity: Severity = "warning",
        evidence: Sequence[str] = (),
    ) -> Finding:
        """A finding of this connection, with the vendor's screen."""
        return Finding(
            code=code,
            check=check,
            severity=severity,
            looked_at=looked_at,
            found=found,
            why=why,
            fix=fix,
            where=_SCREENS.get(self.vendor, {}).get(check, "the PSA's own set-up"),
            evidence=tuple(evidence),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LintReport:
    """What was found of one connection. `tickets`: of the store that were judged for it; `requests`: that
    the PSA was sent. `responses`: that the PSA counted on tickets customers opened, hollow where nobody had
    written. `not_made`: check -> why it could not be made."""

    connection: str
    vendor: str
    requests: int
    tickets: int
    responses: Share
    findings: tuple[Finding, ...]
    not_made: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        return {
            "connection": self.connection,
            "vendor": self.vendor,
            "requests": self.requests,
            "tickets": self.tickets,
            "responses": {"counted": self.responses.all, "hollow": len(self.responses.hollow)},
            "findings": [one.as_json() for one in self.findings],
            "not_made": dict(self.not_made),
        }


def tickets_of(ids: Sequence[str]) -> str:
    """Ticket ids as evidence: the first few, and how many more."""
    more = f" and {len(ids) - MANY} more" if len(ids) > MANY else ""
    return f"tickets {', '.join(ids[:MANY])}{more}"
