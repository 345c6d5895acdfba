"""What the clients of one connection ask of its PSA by name: captions of fields, and statuses it lacks.

The daemon binds fields by it and `doctor` checks them, so both must mean the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from connector.clients.book import ClientBook
from connector.clients.load import default_policy
from connector.model import CompanyFlag, FlagName
from connector.rules import ratedfields
from connector.rules.policy import Policy


def of_connection(book: ClientBook, connection: str) -> list[Policy]:
    """The rules of this connection's clients."""
    return list(book.of(connection))


def on_tickets(policies: Iterable[Policy]) -> dict[FlagName, frozenset[str]]:
    """Every caption of a ticket's field that any of them names, by flag."""
    wanted: dict[FlagName, set[str]] = {}
    for policy in policies:
        for flag, caption in policy.flags.items():
            wanted.setdefault(flag, set()).add(caption)
    return {flag: frozenset(captions) for flag, captions in wanted.items()}


def on_companies(policies: Iterable[Policy]) -> dict[CompanyFlag, frozenset[str]]:
    """Every caption of a company's field that any of them names, by flag."""
    wanted: dict[CompanyFlag, set[str]] = {}
    for policy in policies:
        for flag, caption in policy.company_flags.items():
            wanted.setdefault(flag, set()).add(caption)
    return {flag: frozenset(captions) for flag, captions in wanted.items()}


def with_ratings(policies: Iterable[Policy]) -> frozenset[str]:
    """Captions of the fields in which any of them finds ratings."""
    return frozenset(caption for policy in policies for caption in ratedfields.captions(policy.px.fields))


def unused(policies: Iterable[Policy]) -> frozenset[str]:
    """Captions that carry nothing as yet: of the survey's link where nobody is asked."""
    policies = list(policies)
    asked = {policy.flags.get("survey") for policy in policies if policy.survey.ask}
    named = {policy.flags.get("survey") for policy in policies}
    return frozenset(caption for caption in named - asked if caption)


@cache
def _usual() -> frozenset[str]:
    return default_policy().statuses_named


def strange_statuses(policies: Iterable[Policy], known: Iterable[str]) -> list[tuple[Policy, str]]:
    """Statuses that a file names and the PSA does not have; none where nobody knows what it has.

    What the defaults name is left out: they name what some PSAs have and others do not.
    """
    there = {name.casefold() for name in known}
    usual = _usual()
    return [
        (policy, name)
        for policy in policies
        for name in sorted(policy.statuses_named - usual)
        if there and name.casefold() not in there
    ]
