"""The invariants by name, and how a breach is told: what was found and what to do, in one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

Invariant = Literal[
    "assessment",
    "timer",
    "unseen",
    "flags",
    "owed",
    "double_write",
    "history",
    "visible",
    "quota",
    "webhook",
]
INVARIANTS: tuple[Invariant, ...] = get_args(Invariant)
HOLDS: Mapping[Invariant, str] = {
    "assessment": "what is kept of a ticket is what the rules say of its facts",
    "timer": "no timer is overdue",
    "unseen": "every open ticket is looked at again in time",
    "flags": "the PSA shows what it should",
    "owed": "no write that is owed waits",
    "double_write": "nothing is written twice",
    "history": "every change has its reason and follows from the one before",
    "visible": "nothing we write is seen by a customer",
    "quota": "no more requests are sent than the PSA's limit allows",
    "webhook": "no webhook that was accepted waits",
}
"""Each in a sentence."""

CUT = 60
"""Characters of a value that a breach quotes."""

_MOST = 3  # differences that a breach names

_SECRET: frozenset[str] = frozenset(["survey"])  # whoever has the link can answer


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that does not hold. `ticket_id`: '' where it is the connection's as a whole.

    `detail`: what was found and what to do, in one line.
    """

    invariant: Invariant
    ticket_id: str
    detail: str


def differs(what: str, old: object, new: object, flag: str = "") -> str:
    return f"{what} is {quoted(old, flag)}, not {quoted(new, flag)}"


def quoted(value: object, flag: str) -> str:
    if flag in _SECRET:
        return "a link" if value else "empty"
    return f"'{cut(str(value))}'" if value not in (None, "") else "empty"


def few(told: Sequence[str]) -> str:
    more = len(told) - _MOST
    return "; ".join(told[:_MOST]) + (f"; {more} more" if more > 0 else "")


def cut(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= CUT else plain[: CUT - 1] + "…"


def moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
