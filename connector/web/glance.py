"""The ticket card at a glance: what fits beside a ticket in the PSA, worst first, nothing to scroll for.

Pure: the same account of a ticket as everywhere (`history.lookup`), cut to what an engineer needs before
the next word to the customer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connector.history.explain import BUCKET_WORDS, customer_felt, duration, local, psa_says
from connector.history.lookup import Found
from connector.model import ZONES, BucketClock, BucketName, Zone
from connector.rules.experience import px_text
from connector.rules.flags import is_hot, is_live

COMMENT = 160  # characters of what a customer wrote


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One promise. `left`: working time in words; `used` of `target`: minutes, for a bar."""

    name: str
    state: str
    zone: Zone
    live: bool
    left: str
    due: str
    used: int
    target: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """The last unhappy word of the client. `mine`: about this very ticket."""

    said: str
    when: str
    score: str
    mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What the card shows; times are the client's own.

    `zone` is None where nothing is due any more; `broken`: a promise had been missed by then.
    """

    ticket: str
    client: str
    zone: Zone | None
    broken: bool
    at_risk: bool
    why: str
    promises: tuple[Promise, ...]
    psa_says: str
    customer_felt: str
    px: str
    px_note: str
    unhappy: str
    bad: Bad | None
    apart: str
    as_of: str
    timezone: str


def glance(found: Found, now: datetime) -> Glance:
    """The card of a ticket as it stands at `now`."""
    answer, policy = found.assessment, found.policy
    home, melon = policy.calendar.timezone, answer.watermelon
    open_ = {name: clock for name, clock in answer.buckets.items() if name in _asking(found)}
    promises = [
        _promise(name, clock, home, now, name in open_)
        for name, clock in answer.buckets.items()
        if clock.state != "none"
    ]
    return Glance(
        ticket=found.ticket.id,
        client=policy.client,
        zone=max((clock.zone for clock in open_.values()), key=ZONES.index) if open_ else None,
        broken=any(clock.state == "missed" for clock in answer.buckets.values()),
        at_risk=any(is_hot(clock) for clock in open_.values()),
        why=answer.flags.get("why", ""),
        promises=tuple(sorted(promises, key=lambda one: (not one.live, -ZONES.index(one.zone)))),
        psa_says=psa_says(answer, found.ticket, policy),
        customer_felt=customer_felt(answer),
        px=px_text(found.feeling.figure) if found.feeling else "",
        px_note=_px_note(found),
        unhappy="; ".join(melon.reasons) if melon and melon.flagged else "",
        bad=_last_bad(found, home, now),
        apart=answer.excluded,
        as_of=local(now, home, now),
        timezone=home,
    )


def _asking(found: Found) -> set[BucketName]:
    """The promises that still ask something of somebody; of a finished ticket only an unhappy customer's."""
    clocks = found.assessment.buckets
    names: set[BucketName] = {name for name, clock in clocks.items() if is_live(clock)}
    if found.assessment.excluded:
        return set()
    over = found.ticket.closed or clocks["resolution"].done_at is not None
    return names & {"followup"} if over else names


def _promise(name: BucketName, clock: BucketClock, home: str, now: datetime, live: bool) -> Promise:
    return Promise(
        name=BUCKET_WORDS[name].partition(" (")[0],
        state=clock.state,
        zone=clock.zone,
        live=live,
        left=_left(clock),
        due=local(clock.due_at, home, now) if clock.due_at and live else "",
        used=int(clock.elapsed_min),
        target=int(clock.target_min or 0),
    )


def _left(clock: BucketClock) -> str:
    """Working time that is left, or how it ended."""
    if clock.target_min is None:
        return "no target"
    left = clock.target_min - clock.elapsed_min
    if clock.state == "waiting":
        return f"{duration(clock.target_min)} once it starts"
    if clock.done_at is not None:
        return f"{'late, ' if clock.state == 'missed' else ''}after {duration(clock.elapsed_min)}"
    if clock.state == "missed":
        return f"{duration(-left)} over" if left < 0 else "over"
    if clock.state == "met":
        return f"after {duration(clock.elapsed_min)}"
    return f"{duration(left)} left"


def _px_note(found: Found) -> str:
    """What keeps a per cent from being read as more than it is."""
    if found.feeling is None or found.feeling.figure.percent is None:
        return "no answers yet"
    figure, rule = found.feeling.figure, found.policy.px
    few = "few answers, " if figure.n < rule.min_answers else ""
    low, high = figure.low or 0.0, figure.high or 0.0
    return f"{few}likely {low:.0f} to {high:.0f}\u00a0%; target {rule.target:g}\u00a0%"


def _last_bad(found: Found, home: str, now: datetime) -> Bad | None:
    entry = found.feeling.unhappy if found.feeling else None
    if entry is None:
        return None
    words = " ".join(entry.rating.comment.split())
    return Bad(
        said=words if len(words) <= COMMENT else words[: COMMENT - 1] + "…",
        when=local(entry.rating.at, home, now),
        score=f"{entry.rating.score:g} of {entry.rating.scale:g}",
        mine=(entry.conn, entry.ticket_id) == (found.connection, found.ticket.id),
    )
