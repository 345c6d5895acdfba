"""Passes: one ticket's card for some hours, in an address that tells nothing and opens nothing else.

The address a PSA frames proves a whole connection, for ever. So it is only taken at the door, and answered by
this one, which a person may copy, bookmark or photograph without giving more away than the card they see.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from connector.psa.embed import Query, same

LIFE = timedelta(hours=12)
_PURPOSE = b"px-connector card\0"
_LATEST = 12  # digits of an instant


@dataclass(frozen=True, slots=True)
class Pass:
    ticket: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Passes:
    """Of one connection, whose secret is `key`."""

    connection: str
    key: bytes = field(repr=False)

    def query(self, ticket: str, now: datetime) -> str:
        """The query of an address that shows this ticket's card until LIFE is over."""
        until = str(int((now + LIFE).timestamp()))
        return urlencode({"ticket": ticket, "until": until, "pass": self._sign(ticket, until)})

    def read(self, query: Query) -> Pass | None:
        """The pass in an address, None if it is not one of ours. Whether it is in time is for the caller."""
        ticket, until = query.get("ticket", ""), query.get("until", "")
        if not same(query.get("pass", ""), self._sign(ticket, until)):
            return None
        return Pass(ticket, datetime.fromtimestamp(int(until[:_LATEST]), UTC))

    def _sign(self, ticket: str, until: str) -> str:
        said = "\0".join((self.connection, ticket, until)).encode(errors="surrogatepass")
        return hmac.digest(hmac.digest(self.key, _PURPOSE, "sha256"), said, "sha256").hex()
