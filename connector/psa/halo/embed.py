"""The address by which Halo frames the card: a custom tab of tickets.

Halo replaces its $VARIABLES in the tab's address. $HMAC is the base64 of the HMAC-SHA256 of the agent's id,
with the secret of the tab as key. It covers nothing else and never runs out: it proves that an agent asked,
not for which ticket. Source: public code that checks it in production (github.com/jackmusick/bifrost,
`embed_auth`); Halo itself documents none of it, so a tab may also prove itself by the secret (`key`).
"""

from __future__ import annotations

import base64
import hmac
from typing import Literal

from connector.errors import Rejected
from connector.psa.embed import WRONG, Asked, Query, by_key, same, ticket_in

Proof = Literal["hmac", "key"]

ADDRESSES: dict[Proof, str] = {
    "hmac": "?ticket=$FAULTID&agent=$LOGGEDINAGENTID&hmac=$HMAC",
    "key": "?ticket=$FAULTID&key=SECRET",
}
"""What is written into the custom tab after the card's own address."""


def signed(query: Query, secret: bytes) -> Asked:
    """Which ticket is asked for. Rejected if the agent's id is not signed with the secret.

    Halo writes base64 into the address as it is, and a plus sign arrives as a blank.
    """
    agent, given = query.get("agent", ""), query.get("hmac", "")
    if not agent or not same(given.replace(" ", "+").rstrip("="), signature(agent, secret).rstrip("=")):
        raise Rejected(WRONG)
    return ticket_in(query, "$FAULTID")


def keyed(query: Query, secret: bytes) -> Asked:
    """The same where the address carries the secret. Rejected if it is not the right one."""
    by_key(query, secret)
    return ticket_in(query, "$FAULTID")


def signature(agent: str, secret: bytes) -> str:
    """What Halo puts in place of $HMAC.

    >>> signature("42", b"halo-shared")
    'X1dV+GEoQ3pnh8J3mVAt8iGacdAWoUFFnRJWMDORSXM='
    """
    digest = hmac.digest(secret, agent.encode(errors="surrogatepass"), "sha256")
    return base64.b64encode(digest).decode()
