"""Ratings that survey tools write into a custom field of the ticket: the value of now becomes a fact.

A field shows its last value only, and not when it was given. So a value is told once, at the moment it was
seen to have changed; the same value seen again says nothing new, and words that come later belong to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connector.model import Actor, Rating
from connector.rules.marks import Marks

PREFIX = "rating:field:"
"""Keys of ratings read from fields begin with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """A field by its caption, the field with the words beside it ('' if there is none), and its scale."""

    caption: str
    comment: str = ""
    source: str = ""
    marks: Marks = field(default_factory=Marks)


def captions(rules: Iterable[FieldRule]) -> set[str]:
    """The fields that must be read for these rules."""
    return {caption for rule in rules for caption in (rule.caption, rule.comment) if caption}


def rated_fields(
    fields: Mapping[str, str],
    rules: Iterable[FieldRule],
    before: Sequence[Rating],
    at: datetime,
    version: str,
    contact: str = "",
) -> tuple[list[Rating], list[str]]:
    """What a ticket's fields say that is new, and what in them cannot be read, in plain words.

    `fields`: values by caption. `before`: the ratings of its timeline. `at`, `version`: the PSA's mark of
    the change.
    """
    found: list[Rating] = []
    unreadable: list[str] = []
    shown = {caption.casefold(): value.strip() for caption, value in fields.items()}
    for rule in rules:
        value = shown.get(rule.caption.casefold(), "")
        if not value:
            continue
        try:
            score = rule.marks.points(value)
        except ValueError as error:
            unreadable.append(f"the field {rule.caption!r}: {error}")
            continue
        comment = shown.get(rule.comment.casefold(), "") if rule.comment else ""
        news = _news(rule, score, comment, before, at, version, contact)
        found += [news] if news is not None else []
    return found, unreadable


def _news(
    rule: FieldRule,
    score: float,
    comment: str,
    before: Sequence[Rating],
    at: datetime,
    version: str,
    contact: str,
) -> Rating | None:
    prefix = f"{PREFIX}{rule.caption}:"
    told = [rating for rating in before if rating.key.startswith(prefix)]
    last = max(told, key=lambda rating: (rating.at, rating.key), default=None)
    if last is not None and last.score == score and last.scale == rule.marks.scale:
        return replace(last, comment=comment) if comment and comment != last.comment else None
    return Rating(
        at=at,
        key=prefix + version,
        actor=Actor("contact", contact),
        score=score,
        scale=rule.marks.scale,
        comment=comment,
        source=rule.source or f"field {rule.caption}",
    )
