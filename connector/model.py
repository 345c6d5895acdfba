"""The words of design.md as frozen data. Imports nothing of ours; everything else speaks in these.

Instants are aware datetimes in UTC. Durations are minutes (float) unless a name says otherwise.
Kinds are plain string literals, not enums: they are what the YAML, the JSON and the PSA say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

ActorKind = Literal["staff", "contact", "automation", "unknown"]
Direction = Literal["in", "out", "internal"]
Channel = Literal["email", "note", "portal", "phone", "visit", "chat", "time_entry"]
Cause = Literal["human", "automated", "unknown"]
Content = Literal["specific", "boilerplate", "absence", "bounce", "empty"]
PromiseName = Literal["response", "resplan", "update", "resolution"]
BucketName = Literal["response", "resplan", "update", "resolution", "followup"]
ClockState = Literal["none", "waiting", "running", "paused", "met", "missed"]
Zone = Literal["green", "yellow", "orange", "red"]
FlagName = Literal[
    "at_risk", "zone", "due", "felt_response", "px", "px_percent", "why", "watermelon", "loop", "survey"
]
CompanyFlag = Literal["px", "review", "release"]
RatingKind = Literal["ticket", "annual"]
CommitmentKind = Literal["call", "update", "visit", "fix", "unspecified"]
CommitmentState = Literal["open", "kept", "late", "forgotten", "withdrawn"]
StopRule = Literal[
    "pause_unanswered", "pause_before_due", "due_pushed", "reopened_soon", "response_unreceived", "ping_pong"
]

CHANNELS: tuple[Channel, ...] = ("email", "note", "portal", "phone", "visit", "chat", "time_entry")
BUCKETS: tuple[BucketName, ...] = ("response", "resplan", "update", "resolution")
"""The promises of every ticket."""
CLOCKS: tuple[BucketName, ...] = (*BUCKETS, "followup")
"""Those, and the one an unhappy rating opens."""
ZONES: tuple[Zone, ...] = ("green", "yellow", "orange", "red")
FLAGS: tuple[FlagName, ...] = get_args(FlagName)
COMPANY_FLAGS: tuple[CompanyFlag, ...] = ("px", "review", "release")
"""What stands on the record of a client's company."""

_EMPTY: Mapping[str, str] = MappingProxyType({})

if TYPE_CHECKING:
    from dataclasses import dataclass as answer
else:

    def answer(*, frozen: bool, **options: Any) -> Any:
        """A frozen dataclass for the type checker, a plain one at run time.

        Answers are made many times for every ticket, and making a frozen one costs three times as much.
        """
        return dataclass(unsafe_hash=frozen, **options)


# ── who, and what they did ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it. `id` is the PSA's own key, `name` only for display: it is never evidence.

    `marks` are facts of the author's record that authorship may rely on, in the adapter's words:
    `api` (integration member or licence), `system` (the PSA itself), `workflow`, `template`,
    `mail_connector` (mail or portal writes on behalf of the contact), `self` (px-connector's own
    member). `team` names the author's role or team, so a policy can say `not_by: [Dispatch]`.
    """

    kind: ActorKind = "unknown"
    id: str = ""
    name: str = ""
    team: str = ""
    marks: tuple[str, ...] = ()


NOBODY = Actor()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something said: mail, note, call, visit, chat or the text of a time entry."""

    at: datetime
    key: str = ""  # stable identity in the PSA ("note:12"); the same key is the same fact
    actor: Actor = NOBODY
    direction: Direction = "in"
    channel: Channel = "note"
    subject: str = ""
    text: str | None = None  # None: the log has no text at all; "" : the text was empty
    chars: int | None = None  # length, where a log keeps the length but not the text
    minutes: float = 0.0  # minutes of work logged with it
    headers: Mapping[str, str] = field(default_factory=lambda: _EMPTY)  # lower-case names
    record: str = ""  # vendor record type in plain words: "workflow_note", "forwarded", "time_entry", …


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    at: datetime
    key: str = ""
    actor: Actor = NOBODY
    from_: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityChange:
    at: datetime
    key: str = ""
    actor: Actor = NOBODY
    from_: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientChange:
    at: datetime
    key: str = ""
    actor: Actor = NOBODY
    from_: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    at: datetime
    key: str = ""
    actor: Actor = NOBODY
    what: Literal["person", "group"] = "person"
    from_: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """Somebody who can resolve has a date with the customer. `at` is when it was agreed."""

    at: datetime
    key: str = ""
    actor: Actor = NOBODY
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    who: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    at: datetime
    key: str = ""
    actor: Actor = NOBODY
    from_: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen:
    at: datetime
    key: str = ""
    actor: Actor = NOBODY
    from_: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """What a customer said about it, in the source's own scale (`score` of `scale`)."""

    at: datetime
    key: str = ""
    actor: Actor = NOBODY
    score: float = 0.0
    scale: float = 5.0
    comment: str = ""
    lost_minutes: float | None = None
    source: str = ""
    kind: RatingKind = "ticket"  # annual: the yearly questionnaire, about the desk as a whole
    factors: tuple[str, ...] = ()  # what it was about, in the words of the survey


Event: TypeAlias = (
    Message
    | StatusChange
    | PriorityChange
    | ClientChange
    | Assignment
    | Appointment
    | Close
    | Reopen
    | Rating
)


# ── the ticket ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class PsaVerdict:
    """What the PSA itself says about its SLA; kept beside ours, never mixed with it."""

    response_at: datetime | None = None
    resplan_at: datetime | None = None
    resolved_at: datetime | None = None
    sla_met: bool | None = None
    text: str = ""  # the PSA's own words, e.g. "Respond by Mon 01/27 4:00 PM UTC-08"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A ticket as it stands now. What led here is its timeline."""

    id: str
    client: str = ""  # company name
    client_id: str = ""  # the PSA's key of the company
    opened_at: datetime
    summary: str = ""
    priority: str = ""
    type: str = ""
    status: str = ""
    group: str = ""  # board or queue
    owner: str = ""
    contact: str = ""
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    closed: bool = False
    url: str = ""  # where a person opens it in the PSA
    parent: str = ""  # the ticket it is bundled under: whoever waits here is answered there
    merged_into: str = ""  # the ticket that took its place
    psa: PsaVerdict = PsaVerdict()


Timeline: TypeAlias = tuple[Event, ...]


# ── what we make of it ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason of a verdict: which rule, which field it read, the words it matched."""

    rule: str
    field: str
    text: str = ""


@answer(frozen=True, slots=True)
class MessageVerdict:
    event: int  # index into the assessment's timeline
    cause: Cause
    content: Content
    counts: bool
    evidence: tuple[Evidence, ...] = ()


@answer(frozen=True, slots=True)
class BucketClock:
    """One promise and how it stands. Minutes are working minutes of the policy's calendar."""

    state: ClockState
    zone: Zone = "green"
    target_min: float | None = None
    elapsed_min: float = 0.0
    due_at: datetime | None = None  # when it is or was due; None while paused, waiting or without target
    done_at: datetime | None = None
    missed_at: datetime | None = None  # when the target ran out, if it did
    event: int | None = None  # index of the event that ended it
    stands: str = ""  # why an open one stands still, '' if it goes
    pauses: tuple[tuple[datetime, datetime | None], ...] = ()
    first_done_at: datetime | None = None  # resolution: the first time it was resolved
    reopened: int = 0
    missed_times: int = 0  # update: promises missed so far
    policy: str = ""  # digest of the rules it ended under, where they are not the assessment's own
    foreseen_at: datetime | None = None  # since when a miss is foreseen; stays until the promise is over
    foreseen_why: str = ""  # for what reason, as it was then


@dataclass(frozen=True, slots=True, kw_only=True)
class PxFigure:
    """PX over a window: `percent` is None with no answers. Always shown with n and interval.

    `n` answers were divided by, `annual` of them from the yearly questionnaire. `weight` is how many
    equally weighted answers they are worth to chance: `n` itself unless annual ones weigh differently.
    """

    percent: float | None
    positive: int
    neutral: int
    negative: int
    n: int
    low: float | None = None
    high: float | None = None
    annual: int = 0
    weight: float = 0.0


@answer(frozen=True, slots=True, kw_only=True)
class Watermelon:
    """What speaks for an unhappy customer. `flagged`: enough of it, and every promise kept `on_paper`."""

    points: float
    reasons: tuple[str, ...]
    on_paper: bool
    flagged: bool


@answer(frozen=True, slots=True, kw_only=True)
class Commitment:
    """A dated promise somebody of the desk wrote to the customer, and what became of it."""

    event: int  # index of the message that made it
    quote: str  # its own words
    kind: CommitmentKind
    desk: bool  # promised in the desk's name, not in the writer's own
    said_at: datetime
    due_at: datetime
    state: CommitmentState
    done_at: datetime | None = None
    done_event: int | None = None  # index of the event that kept it, if one did
    why: str = ""


@answer(frozen=True, slots=True, kw_only=True)
class StopFinding:
    """A moment at which a clock stopped or moved although the customer was waiting. Counted, never judged."""

    rule: StopRule
    at: datetime
    until: datetime | None  # None: it still lasts
    minutes: float  # working minutes at stake
    event: int | None  # index of the event that did it
    text: str


@answer(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The result of applying a policy to a timeline at an instant.

    `timeline` is the order in which the events were judged; verdicts and clocks index it.
    `flags` are the desired flags ('' means: should be empty). `next_at` is the next instant at
    which the answer can change by itself, None if it cannot.
    """

    ticket_id: str
    client: str
    at: datetime
    policy: str
    buckets: Mapping[BucketName, BucketClock]
    psa: PsaVerdict
    messages: tuple[MessageVerdict, ...]
    timeline: Timeline
    risk: Mapping[BucketName, float] = field(default_factory=dict)
    flags: Mapping[FlagName, str] = field(default_factory=dict)
    findings: tuple[str, ...] = ()
    watermelon: Watermelon | None = None  # None where nothing speaks for an unhappy customer
    commitments: tuple[Commitment, ...] = ()  # in the order they fall due
    stops: tuple[StopFinding, ...] = ()  # what the stop-clock audit found, earliest first
    excluded: str = ""  # why it is reported apart, '' if it is not
    timezone: str = "UTC"  # in which its moments are told to people
    next_at: datetime | None = None
