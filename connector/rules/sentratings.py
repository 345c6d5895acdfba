"""A rating as somebody sends it to us: a webhook's JSON or a row of a file, checked and brought to one form.

Whoever sends it twice sends it once: its identity is the source's own id, or where the source has none, who
rated which ticket when.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Literal

from connector.model import Actor, Rating
from connector.rules.marks import MOST, Marks
from connector.ticketlog import instant
from connector.ticketlog.values import number_of, one_of, text_of

KEYS = (
    *("id", "ticket", "client", "score", "scale", "best", "at", "comment", "contact", "source"),
    *("lost_minutes", "factors", "kind"),
)
"""What may be said of a rating."""

LONGEST = {"comment": 4000}
_NAME = 128  # characters of an id, a name, a source
_AHEAD = timedelta(days=1)
_KINDS = frozenset({"ticket", "annual"})
_BEST = frozenset({"high", "low"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """`ticket` is the PSA's id, '' for one about the desk as a whole: then `client` names whose it is."""

    ticket: str
    client: str
    rating: Rating


def sent(
    body: Mapping[str, Any],
    *,
    now: datetime,
    source: str = "",
    marks: Marks | None = None,
    whole: bool = True,
) -> Sent:
    """One rating out of plain values. ValueError names the key and says what was expected.

    `source`, `marks`: where the body does not say. `whole`: unknown keys are refused and an id is asked for,
    as of a program that can be mended; without it neither.
    """
    if whole and (strange := sorted(set(body) - set(KEYS))):
        raise ValueError(f"{strange[0]}: unknown key; known here: {', '.join(KEYS)}")
    ticket, client = _name(body, "ticket"), _name(body, "client")
    kind: Literal["ticket", "annual"] = one_of(body, "kind", _KINDS, "ticket")
    if not (ticket or client):
        raise ValueError("ticket: expected the PSA's ticket id, or `client` for a rating about no ticket")
    if kind == "annual" and ticket:
        raise ValueError("kind: the yearly questionnaire is about no ticket")
    given, at = _marks(body, marks or Marks()), _at(body, now, whole)
    source = _name(body, "source") or source
    contact = _name(body, "contact")
    rating = Rating(
        at=at,
        actor=Actor("contact", contact),
        score=_score(body, given),
        scale=given.scale,
        comment=text_of(body, "comment").strip()[: LONGEST["comment"]],
        lost_minutes=_lost(body),
        source=source,
        kind=kind,
        factors=_factors(body),
    )
    id = _name(body, "id")
    if whole and not id:
        raise ValueError("id: expected the source's own id of this rating, so that sending it again is known")
    key = f"rating:{source}:{id or _made(ticket, client, contact, at)}"
    return Sent(ticket=ticket, client=client, rating=replace(rating, key=key))


def _name(body: Mapping[str, Any], key: str) -> str:
    text = text_of(body, key).strip()
    if len(text) > _NAME or not text.isprintable():
        raise ValueError(f"{key}: expected printable text of at most {_NAME} characters")
    return text


def _marks(body: Mapping[str, Any], usual: Marks) -> Marks:
    scale = number_of(body, "scale")
    if scale is not None and not 0 < scale <= MOST:
        raise ValueError(f"scale: expected the points of the scale, 1 to {MOST:g}")
    best: Literal["high", "low"] = one_of(body, "best", _BEST, usual.best)
    return replace(usual, scale=usual.scale if scale is None else scale, best=best)


def _score(body: Mapping[str, Any], marks: Marks) -> float:
    written = text_of(body, "score")
    if not written:
        raise ValueError("score: expected a number on the scale")
    try:
        return marks.points(written)
    except ValueError as error:
        raise ValueError(f"score: {error}") from None


def _at(body: Mapping[str, Any], now: datetime, whole: bool) -> datetime:
    if body.get("at") in (None, "") and whole:
        return now
    at = instant(body.get("at"))
    if at > now + _AHEAD:
        raise ValueError(f"at: {at.isoformat()} is still to come")
    return at


def _lost(body: Mapping[str, Any]) -> float | None:
    lost = number_of(body, "lost_minutes")
    if lost is not None and not 0 <= lost <= 60_000:
        raise ValueError("lost_minutes: expected working minutes, 0 to 60000")
    return lost


def _factors(body: Mapping[str, Any]) -> tuple[str, ...]:
    given = body.get("factors") or []
    if not isinstance(given, list) or len(given) > 20 or not all(isinstance(one, str) for one in given):
        raise ValueError("factors: expected a list of at most 20 texts")
    return tuple(one.strip()[:_NAME] for one in given if one.strip())


def _made(ticket: str, client: str, contact: str, at: datetime) -> str:
    """An id for a source that has none: the same for the same answer, whatever was added to it since."""
    said = "\0".join((ticket, client.casefold(), contact.casefold(), at.isoformat()))
    return blake2b(said.encode(errors="replace"), digest_size=12).hexdigest()
