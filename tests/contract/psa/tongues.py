"""What the suite must be told of a vendor: how its pretend PSA is connected, and how one is kept short.

Everything else it says in the words of the pretend MSP, which are the same for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connector.simulator import Simulator


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongue:
    """One vendor.

    `keys`: its own keys of a connection to this simulator, secrets as {"env": NAME}; `secrets`: what those
    variables hold. `few`: keys that allow this many requests in the vendor's window. `off_limits`: parts of
    the API, by the beginning of their paths, that the adapter can do without. `astray`: keys, by name, that
    lead to nobody or to somebody else. `cases`: where our own tickets go, which
    its key `place` names.
    """

    vendor: str
    keys: Callable[[Simulator], Mapping[str, Any]]
    secrets: Callable[[Simulator], Mapping[str, str]]
    few: Callable[[int], Mapping[str, Any]]
    off_limits: tuple[str, ...]
    astray: Callable[[Simulator], Mapping[str, str]]
    cases: Mapping[str, str]
    place: str


CONNECTWISE = Tongue(
    vendor="connectwise",
    keys=lambda sim: {
        "site": sim.url,
        "company": sim.credentials.company,
        "public_key": {"env": "PX_CONTRACT_PUBLIC"},
        "private_key": {"env": "PX_CONTRACT_PRIVATE"},
        "client_id": {"env": "PX_CONTRACT_CLIENT"},
        "requests_per_minute": 100_000,
    },
    secrets=lambda sim: {
        "PX_CONTRACT_PUBLIC": sim.credentials.public_key,
        "PX_CONTRACT_PRIVATE": sim.credentials.private_key,
        "PX_CONTRACT_CLIENT": sim.credentials.client_id,
    },
    few=lambda requests: {"requests_per_minute": requests},
    off_limits=(
        *("/schedule", "/time/entries", "/service/surveys", "/service/boards", "/service/priorities"),
        *("/system/members", "/system/userDefinedFields"),
    ),
    astray=lambda _sim: {"company": "elsewhere"},
    cases={"board": "alerts", "type": "Service Request", "status": "Assigned", "priority": "P4 Low"},
    place="board",
)

AUTOTASK = Tongue(
    vendor="autotask",
    keys=lambda sim: {
        "site": sim.url,
        "user": sim.credentials.user_name,
        "secret": {"env": "PX_CONTRACT_SECRET"},
        "integration_code": {"env": "PX_CONTRACT_CODE"},
        "quota_share": 100,
    },
    secrets=lambda sim: {
        "PX_CONTRACT_SECRET": sim.credentials.secret,
        "PX_CONTRACT_CODE": sim.credentials.integration_code,
    },
    few=lambda requests: {"quota_share": requests / 100},  # per cent of 10,000
    off_limits=(
        *("/ServiceCall", "/TimeEntries", "/TicketNotes", "/SurveyResults", "/DeletedTicketLogs"),
        *("/Resources", "/Roles", "/Companies", "/Surveys", "/BillingCodes"),
        *("/Tickets/entityInformation", "/ThresholdInformation"),
    ),
    astray=lambda sim: {
        "user": "nobody@elsewhere.example",
        "zone": f"{sim.url}/elsewhere/ATServicesRest",
    },
    cases={
        **{"queue": "alerts", "priority": "P4 Low", "status": "Assigned"},
        **{"type": "Service Request", "category": "Standard"},
    },
    place="queue",
)

HALO = Tongue(
    vendor="halo",
    keys=lambda sim: {
        "site": sim.url,
        "client_id": {"env": "PX_CONTRACT_CLIENT"},
        "client_secret": {"env": "PX_CONTRACT_SECRET"},
        "webhook_secret": {"env": "PX_CONTRACT_WEBHOOK"},
        "requests_per_5_minutes": 100_000,
    },
    secrets=lambda sim: {
        "PX_CONTRACT_CLIENT": sim.credentials.client_id,
        "PX_CONTRACT_SECRET": sim.credentials.client_secret,
        "PX_CONTRACT_WEBHOOK": f"webhook of {sim.credentials.client_secret}",
    },
    few=lambda requests: {"requests_per_5_minutes": requests},
    off_limits=(
        *("/Appointment", "/Actions", "/Feedback", "/Agent"),
        *("/Status", "/Priority", "/TicketType", "/FieldInfo"),
    ),
    astray=lambda _sim: {"tenant": "elsewhere"},
    cases={
        **{"ticket_type": "Service Request", "team": "alerts", "status": "Assigned"},
        **{"sla": "Alerts SLA", "priority": "P4 Low"},
    },
    place="ticket_type",
)

TONGUES = {tongue.vendor: tongue for tongue in (CONNECTWISE, AUTOTASK, HALO)}
"""The vendors whose adapters stand by the contract."""
