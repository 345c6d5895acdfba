"""How a PSA is set up to count its own SLA, as far as its API tells: what `lint` judges.

Apart from `Psa`, because only `lint` asks it and an adapter may do without: it then says what it could not
look at. Nothing here writes to the PSA, and what the API does not tell is named, never guessed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable
from urllib.parse import urlsplit

from connector.errors import NotFound
from connector.model import PromiseName
from connector.psa.transport import Forbidden
from connector.psa.values import Json

Topic = Literal["statuses", "SLA", "targets", "hours", "agreed SLA", "webhooks", "reopening"]
"""What a PSA may not tell."""

Hours = Literal["calendar", "always", "company", "unknown"]
"""In which an SLA is counted: its own calendar, every hour, the company's calendar, or not told."""

Effect = Literal["response", "resolution", "stays_closed", "stands_still"]
"""What a set-up does by itself: counts as a response, closes, keeps a reply from reopening, stops a
reopened ticket's clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusSetup:
    """`stage`: in the words of `PsaFacts.statuses`, '' where the PSA does not tell. `where`: board, '' for
    all. `first`: new tickets begin in it."""

    name: str
    stage: str = ""
    where: str = ""
    first: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaTarget:
    """What an SLA promises to a priority, in working minutes; a promise that lacks is not made.

    `calendar`: id of the calendar it is counted in, where that is not the SLA's.
    """

    priority: str
    minutes: Mapping[PromiseName, float]
    calendar: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaTerms:
    """An SLA. `calendar`: an id of `Psa.calendars`."""

    id: str
    name: str
    hours: Hours = "unknown"
    calendar: str = ""
    default: bool = False
    targets: tuple[SlaTarget, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ByItself:
    """Something the PSA does without anybody. `found` says it in a sentence without its end."""

    effect: Effect
    where: str  # board, ticket type or status
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HookSetup:
    """A webhook of anybody's. `to`: the host it calls, for its address may hold secrets. `broken`: why it
    calls nobody, '' if it does."""

    name: str
    to: str
    broken: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaSetup:
    """`agreed`: by company id the ids of SLAs that were agreed for it; without one it has the default.
    `calendar_of`: by company id its calendar. `bare`: tickets that have no SLA, as (how many, of how many
    looked at, ids of some). `untold`: what the API does not tell, or we may not read -> why."""

    statuses: tuple[StatusSetup, ...] = ()
    slas: tuple[SlaTerms, ...] = ()
    priorities: tuple[str, ...] = ()
    agreed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    calendar_of: Mapping[str, str] = field(default_factory=dict)
    by_itself: tuple[ByItself, ...] = ()
    hooks: tuple[HookSetup, ...] = ()
    auto_assigns: tuple[str, ...] = ()  # boards that give new tickets to somebody
    bare: tuple[int, int, tuple[str, ...]] | None = None
    untold: Mapping[Topic, str] = field(default_factory=dict)


@runtime_checkable
class ShowsSla(Protocol):
    """An adapter that can tell how its SLA is set up. Asked after `start`; errors as of `Psa`."""

    async def sla_setup(self) -> SlaSetup: ...


class Reading:
    """Lists read one by one: what may not be read is noted under its topic, and the rest goes on."""

    def __init__(self) -> None:
        self.untold: dict[Topic, str] = {}

    async def rows(self, topic: Topic, read: Awaitable[list[Any]]) -> list[Json]:
        """The objects in a list; none where it is not permitted or not there."""
        try:
            return [row for row in await read if isinstance(row, Mapping)]
        except (Forbidden, NotFound) as error:
            self.untold.setdefault(topic, str(error))
            return []


def host_of(url: str) -> str:
    """Whom an address calls; '' where it is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
