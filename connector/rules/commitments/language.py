"""What a language needs so that promises can be read in it: how one is worded, and how a time is told.

Precision comes first. A promise nobody made, shown to a manager as forgotten, is worse than ten that were
overlooked; so whatever makes a sentence less than a plain promise makes it none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from connector.model import CommitmentKind

Piece: TypeAlias = Literal[
    "span", "dayafter", "tomorrow", "tonight", "today", "thispart", "nextday", "endday", "endnextweek",
    "endweek", "endmonth", "weekday", "date", "iso", "nth", "first", "clock", "noon", "midnight", "part",
    "vague",
]  # fmt: skip
"""What a piece of a time tells; the groups of `Language.times` bear these names."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A promise that does not begin with who makes it: "you will hear from us"."""

    pattern: re.Pattern[str]
    kind: CommitmentKind
    desk: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """`near`: without such a word no time is told. `starts`: who promises (group `desk`: not the writer
    alone) and that it is to come; `verbs` what, one group a kind, right behind it or behind a `links`.
    `whole`: promises worded otherwise.

    `hedges` make it less than a promise from the last of the `turns` to its time, `conditions` anywhere
    in the sentence but in what is `harmless`. `breaks`: words between promise and time that give the time
    to something else; `strangers`: words right before a time that do so; `after`: it is a beginning and
    not an end.

    `times` finds one piece of a time, `glue` may stand between two of them, `either` between two of which
    the later is meant. `lead`: what may stand before a time that begins the sentence. The rest is how
    words become numbers: `weekdays` by their first letters, `months` by three, `units` (minutes) by two.
    """

    near: re.Pattern[str]
    starts: re.Pattern[str]
    verbs: re.Pattern[str]
    links: re.Pattern[str]
    whole: tuple[Wording, ...]
    hedges: re.Pattern[str]
    turns: re.Pattern[str]
    conditions: re.Pattern[str]
    harmless: re.Pattern[str]
    breaks: re.Pattern[str]
    strangers: re.Pattern[str]
    after: re.Pattern[str]
    lead: re.Pattern[str]
    times: re.Pattern[str]
    glue: re.Pattern[str]
    either: re.Pattern[str]
    numbers: Mapping[str, int]
    units: Mapping[str, int]
    half: re.Pattern[str]
    working: re.Pattern[str]
    weekdays: Mapping[str, int]
    following: re.Pattern[str]
    months: Mapping[str, int]
    parts: Mapping[str, str]
    full_hours: bool  # the day has 24 hours and "3" is never the afternoon


def pieces(*named: tuple[Piece, str]) -> re.Pattern[str]:
    """One pattern of all pieces, tried in this order."""
    return re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in named), re.IGNORECASE)
