"""What an adapter can say of the ticket card in the PSA's own page: who may frame it, and who asks for it.

Apart from `Psa`, because a connection may do without. A frame gets no cookies of ours, so the address it is
called by must prove itself. Nothing here is I/O: an address is judged by its text alone.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from connector.errors import Rejected
from connector.psa.values import is_id

Query = Mapping[str, str]
"""The parameters of an address, as its author wrote them."""

WRONG = "the address does not prove itself"
_SHOWN = 40  # characters of what came instead of a number


@dataclass(frozen=True, slots=True)
class Asked:
    """A genuine question for a ticket's card. `wrong`: why it names none, in words for an administrator."""

    ticket: str = ""
    wrong: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A connection's card. `origins`: of the pages that may frame it, e.g. "https://na.myconnectwise.net".

    `read(query, secret)` says which ticket is asked for; Rejected if the address is not genuine.
    """

    origins: tuple[str, ...]
    secret: bytes = field(repr=False)
    read: Callable[[Query, bytes], Asked] = field(repr=False)

    def asked(self, query: Query) -> Asked:
        """Which ticket is asked for. Rejected if the address is not genuine."""
        return self.read(query, self.secret)


@runtime_checkable
class Framed(Protocol):
    """An adapter whose PSA can frame the card. `frame` None: it shall not, by the settings."""

    @property
    def frame(self) -> Frame | None: ...


def same(given: str, expected: str | bytes) -> bool:
    """Equal, in a time that does not tell how nearly."""
    right = expected if isinstance(expected, bytes) else expected.encode()
    return hmac.compare_digest(given.encode(errors="surrogatepass"), right)


def by_key(query: Query, secret: bytes) -> None:
    """The proof of a PSA that signs nothing: the secret itself, as `key`. Rejected if it is another."""
    if not same(query.get("key", ""), secret):
        raise Rejected(WRONG)


def ticket_in(query: Query, variable: str) -> Asked:
    """The ticket's number in a genuine address; `variable` is what the PSA should have put it in place of."""
    given = query.get("ticket", "").strip()
    if is_id(given):
        return Asked(given)
    came = f"it came as {given[:_SHOWN]!r}" if given else "there is none"
    return Asked(wrong=f"The address needs ticket={variable}, which the PSA replaces by a number: {came}.")
