"""Policy: one client's resolved rules, as frozen data. YAML lives in `connector.clients`.

Text that is matched against the PSA (statuses, priorities, actors, phrases) is kept as written and
compared case-insensitively by the rules: the sets below are already casefolded by whoever builds them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from connector.model import BucketName, Cause, Channel, CompanyFlag, Content, FlagName
from connector.rules.notices import NotifyRule
from connector.rules.ratedfields import FieldRule
from connector.rules.ratednotes import NoteRule
from connector.rules.worktime import MINUTE, WorkCalendar

Unknown = Literal["counted", "not_counted", "review"]
ALWAYS = "24x7"


Note = Mapping[str, str | int | bool]
"""What an expression of a client knows of a message: always the same keys (see `rules.counting`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientTemplate:
    """A text the client's file describes. `match`: ways to say it, each the words to be found in their
    order within one sentence (see `rules.wording`). `counts`: None is as its content says."""

    name: str
    match: tuple[tuple[str, ...], ...]
    min_words: int = 1
    content: Literal["boilerplate", "specific"] = "boilerplate"
    counts: Literal["counted", "not_counted"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRule:
    """One entry of `response.count` or `response.never`: all that is set must hold; empty is anything.

    `when` is the source of an expression and `holds` the expression itself: whether it is true of a note,
    None if it could not be worked out.
    """

    id: str
    authors: frozenset[str] = frozenset()  # casefolded ids, names or teams
    templates: frozenset[str] = frozenset()
    cause: frozenset[Cause] = frozenset()
    content: frozenset[Content] = frozenset()
    channels: frozenset[Channel] = frozenset()
    when: str = ""
    holds: Callable[[Note], bool | None] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseRule:
    """What counts as a person having answered."""

    channels: frozenset[Channel]
    unknown: Unknown = "not_counted"
    boilerplate: Literal["counted", "not_counted"] = "not_counted"
    stock_texts: Literal["counted", "not_counted"] = "counted"  # learnt ones nobody has confirmed
    machines: frozenset[str] = frozenset()  # casefolded ids or names of actors that are machines
    not_a_response: tuple[str, ...] = ()  # casefolded phrases
    response: tuple[str, ...] = ()  # casefolded phrases that do count
    templates: tuple[ClientTemplate, ...] = ()
    count: tuple[CountRule, ...] = ()
    never: tuple[CountRule, ...] = ()  # stands above `count`
    remembered: dict[Any, Any] = field(default_factory=dict, init=False, compare=False, repr=False)
    """What these rules made of messages without text before (see `rules.authorship.weigh`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResplanRule:
    """What counts as: the customer and somebody who can resolve are engaged."""

    channels: frozenset[Channel]
    appointment: bool = True
    message_by_resolver: bool = True
    statuses: frozenset[str] = frozenset()  # casefolded
    not_by: frozenset[str] = frozenset()  # casefolded ids, names or teams that cannot resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Promises of one priority, in working minutes; an absent bucket has no target."""

    minutes: Mapping[BucketName, float]
    calendar: WorkCalendar
    micros: Mapping[BucketName, int] = field(
        init=False, compare=False, repr=False
    )  # the same, as clocks count

    def __post_init__(self) -> None:
        micros = {name: round(minutes * MINUTE) for name, minutes in self.minutes.items() if minutes > 0}
        object.__setattr__(self, "micros", micros)


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseRule:
    statuses: frozenset[str] = frozenset()  # casefolded
    buckets: frozenset[BucketName] = frozenset()
    resume_on_reply: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionRule:
    statuses: frozenset[str] = frozenset()  # casefolded
    auto_close: Literal["not_a_resolution", "resolution"] = "not_a_resolution"
    reopened: Literal["adds_time", "stays_met"] = "adds_time"
    thanks: Literal["ignored", "reopens"] = "ignored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    yellow: float = 50.0  # per cent of the target used
    orange: float = 75.0
    orange_when_left: float = 15.0  # working minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRule:
    raise_at: float | None = 80.0  # per cent chance of a miss from which a ticket is at risk; None: never


@dataclass(frozen=True, slots=True, kw_only=True)
class PxRule:
    target: float = 95.0
    window_days: int = 90
    positive: float = 0.8  # share of the scale from which a rating is positive ("4/5")
    negative: float = 0.4  # share of the scale up to which a rating is negative ("2/5")
    neutral: Literal["counted", "excluded"] = "counted"
    review: Literal["strict", "guarded"] = "strict"
    plan: Literal["strict", "guarded"] = "guarded"
    min_answers: int = 5
    annual_weight: float = 1.0  # what an answer of the yearly questionnaire weighs; 0: reported apart
    notes: tuple[NoteRule, ...] = ()  # ratings that survey tools write into notes
    fields: tuple[FieldRule, ...] = ()  # and into fields of the ticket
    own: frozenset[str] = frozenset()  # casefolded ids, mail addresses and domains whose ratings never count


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTask:
    title: str
    day: int  # due so many days after the plan opened
    owner: str = ""  # member of the PSA


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRule:
    """What an improvement plan is, once one opens. `exit` is the test of its last day."""

    days: int = 90
    checkpoints: tuple[int, ...] = (30, 60, 90)
    exit: Literal["strict", "guarded"] = "strict"
    owner: str = ""
    tasks: tuple[PlanTask, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopRule:
    """What a negative rating opens. `owner` '': the ticket's; `manager` is named once it is late."""

    deadline: float | None = 240.0  # working minutes; None: asked for without a deadline
    owner: str = ""
    manager: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatermelonRule:
    """Points of each sign that a customer is unhappy; from `from_` on a ticket is a watermelon."""

    from_: float = 3.0
    rated: float = 3.0  # a negative rating
    thermometer: float = 2.0  # an unhappy face
    chased: float = 1.0  # each time the customer wrote again without an answer in between
    reopened: float = 2.0  # each time
    hops: float = 1.0  # each hand-over beyond the second
    wrote: float = 2.0  # any of the words
    raised: float = 2.0  # each time the customer raised the priority
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentRule:
    """What is made of dated promises in messages. shadow: shown and never flagged."""

    mode: Literal["shadow", "on", "off"] = "shadow"
    grace: float = 240.0  # working minutes after the time told from which it is forgotten


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyRule:
    """When the contact of a ticket is asked how it went, and what."""

    ask: bool = False
    statuses: frozenset[str] = frozenset()  # casefolded; in these a ticket is about to be closed
    scale: int = 5
    valid_days: int = 14
    per_contact_days: int = 30  # a contact is asked once in so many days
    per_day: int | None = 20  # links of one local day; None: any number
    sample: float = 100.0  # per cent of the tickets
    comment: bool = True
    lost_time: bool = True
    factors: tuple[str, ...] = ()
    again: bool = True  # once more, when an unhappy customer was answered


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseRule:
    """How much a backtest may find before it fails; None: any number. No part of a verdict, so not of the
    digest either."""

    alerts_per_engineer_day: float | None = None  # not exceeded on nine of ten days of an engineer
    writes_per_hour: float | None = None  # not exceeded in any hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which tickets are this client's: companies by name (casefolded) or PSA id, on one connection."""

    connection: str
    companies: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    client: str
    match: Match | None
    enforce_from: date | None
    calendar: WorkCalendar
    response: ResponseRule
    resplan: ResplanRule
    targets: Mapping[str, Target]  # key: casefolded priority, or "*"
    update_runs: Literal["while_ball_is_ours", "always"]
    pause: PauseRule
    resolution: ResolutionRule
    on_priority_change: Literal["retroactive", "from_change"]
    zones: Zones
    risk: RiskRule
    exclude_types: frozenset[str]  # casefolded
    exclude_statuses: frozenset[str]  # casefolded
    px: PxRule
    flags: Mapping[FlagName, str]  # flag -> caption of the PSA field; an absent flag is not written
    digest: str  # "sha256:…" over the resolved rules
    source: str = ""  # the file it came from
    plan: PlanRule = PlanRule()
    loop: LoopRule = LoopRule()
    watermelon: WatermelonRule = WatermelonRule()
    survey: SurveyRule = SurveyRule()
    commitments: CommitmentRule = CommitmentRule()
    noise: NoiseRule = NoiseRule()
    notify: NotifyRule = field(default_factory=NotifyRule)
    company_flags: Mapping[CompanyFlag, str] = field(default_factory=dict)  # the same, on the company
    reward: float | None = None  # PX in per cent from which a reward is due
    statuses_named: frozenset[str] = field(
        default_factory=frozenset
    )  # as written, for "unknown status" checks
    pausing: frozenset[BucketName] = field(init=False, compare=False, repr=False)  # clocks that pause

    def __post_init__(self) -> None:
        always = frozenset[BucketName](["update"] if self.update_runs == "always" else [])
        object.__setattr__(self, "pausing", self.pause.buckets - always)

    def target(self, priority: str) -> Target | None:
        """The promises for this priority: its own row, else the `*` row, else None."""
        return self.targets.get(priority.casefold()) or self.targets.get("*")
