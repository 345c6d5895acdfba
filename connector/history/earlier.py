"""What a ticket was before: whose rules it was under, and what had been decided.

The daemon and `explain` give both to `assess`, so that they tell the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connector.assessmentlog import clocks_from_json
from connector.clients import ClientBook
from connector.model import BucketClock, BucketName, ClientChange, Event
from connector.rules.policy import Policy


def former(book: ClientBook, connection: str, timeline: Iterable[Event]) -> dict[str, Policy]:
    """The rules of the clients a ticket has belonged to, by casefolded name, as far as they are known."""
    names = {event.from_ for event in timeline if isinstance(event, ClientChange)}
    found = {name.casefold(): book.for_ticket(connection, name, "") for name in names}
    return {name: policy for name, policy in found.items() if policy is not None}


def verdicts(document: Mapping[str, Any] | None, policy: Policy) -> dict[BucketName, BucketClock]:
    """The clocks of the last assessment under this client's rules: what was final in it stays."""
    if document is None or document["client"] != policy.client:
        return {}
    return clocks_from_json(document)
