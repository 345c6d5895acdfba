"""Which SLA of the PSA holds for a client: the one agreed for its companies, else the default."""

from __future__ import annotations

from dataclasses import dataclass

from connector.history.lint.report import Looked
from connector.psa.slasetup import SlaTerms
from connector.rules.policy import Policy


@dataclass(frozen=True, slots=True)
class InForce:
    """`own`: agreed for this client, not the default. `company`: an id of those it was agreed for."""

    policy: Policy
    terms: SlaTerms
    own: bool
    company: str


def in_force(seen: Looked) -> list[InForce]:
    """By client every SLA that holds for one of its companies, each once."""
    if seen.setup is None:
        return []
    by_id = {one.id: one for one in seen.setup.slas}
    default = next((one for one in seen.setup.slas if one.default), None)
    found: dict[tuple[str, str], InForce] = {}
    for policy in seen.policies:
        for company in _companies(seen, policy) or [""]:
            agreed = [by_id[one] for one in seen.setup.agreed.get(company, ()) if one in by_id]
            for terms in agreed or ([default] if default else []):
                one = InForce(policy, terms, bool(agreed) and not terms.default, company)
                found.setdefault((policy.client, terms.id), one)
    return list(found.values())


def _companies(seen: Looked, policy: Policy) -> list[str]:
    """The PSA's ids of a client's companies, as far as they are known."""
    named = policy.match.companies if policy.match else frozenset()
    known = seen.companies.items()
    return [number for number, name in known if number in named or name.strip().casefold() in named]
