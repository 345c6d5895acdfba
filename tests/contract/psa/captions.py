"""Our fields as every pretend PSA calls them: what the contract suite and the fuzzers have adapters write."""

from __future__ import annotations

from connector.model import CompanyFlag, FlagName

CAPTIONS: dict[FlagName, frozenset[str]] = {
    "at_risk": frozenset({"PX At Risk"}),
    "zone": frozenset({"SLA Zone"}),
    "due": frozenset({"SLA Due"}),
    "felt_response": frozenset({"Felt Response (min)"}),
    "why": frozenset({"PX Why"}),
}
COMPANY: dict[CompanyFlag, frozenset[str]] = {
    "px": frozenset({"Client PX"}),
    "review": frozenset({"Service Review"}),
    "release": frozenset({"Release Right"}),
}
