"""Puts the rules together: a ticket, its timeline and a policy at an instant become one assessment.

Pure: the daemon, `explain`, `assess`, `backtest` and the tests call this same function, so what is
shown, written and looked back upon can never differ.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from connector.model import Assessment, Commitment, Event, PsaVerdict, PxFigure, Rating, Ticket, Timeline
from connector.rules.authorship.judgement import NOTHING_LEARNT, Learnt
from connector.rules.buckets import Clocks
from connector.rules.commitments.keeping import commitments
from connector.rules.commitments.reminding import remind
from connector.rules.facts import Facts
from connector.rules.flags import desired, is_hot, is_live, shortened
from connector.rules.followup import followup, loop_text, unhappy
from connector.rules.foresight import foresee, foretell, recall
from connector.rules.lines import zone_named
from connector.rules.policy import Policy
from connector.rules.promises import promises, told_changes
from connector.rules.psa_says import stages
from connector.rules.ratings import admit
from connector.rules.risk import Model, chances
from connector.rules.settled import Verdicts, settled
from connector.rules.stopclock import audit, worth_a_look
from connector.rules.story import Story, tell
from connector.rules.watermelon import watermelon
from connector.rules.worktime import WorkCalendar

_NONE: Mapping[Any, Any] = MappingProxyType({})
_SILENT = PsaVerdict()
_ANYWHERE = 2
"""Days: no two places on earth have dates further apart than this."""


def assess(
    ticket: Ticket,
    timeline: Sequence[Event],
    policy: Policy,
    now: datetime,
    *,
    px: PxFigure | None = None,
    learnt: Learnt = NOTHING_LEARNT,
    model: Model | None = None,
    former: Mapping[str, Policy] = _NONE,
    before: Verdicts = _NONE,
    stage_of: Mapping[str, str] = _NONE,
    desk: Collection[str] = frozenset(),
) -> Assessment:
    """Apply a policy to what is known at `now`; facts dated later are ignored until then.

    The order in which the events are given does not matter, nor do repetitions. Linear in the number
    of events. `learnt`: what the desk's own history and its people add. `model`: how likely a promise is
    missed here; without one the risk is the share of its time used. `former`: policies of clients the
    ticket has belonged to, by casefolded name. `before`: the clocks of its last assessment; what was
    final under other rules stays, and so does what was foreseen. `stage_of`: casefolded status -> the
    vendor's SLA stage, to say what the PSA would say where it says nothing. `desk`: casefolded ids and mail
    addresses of the desk's people, whose ratings do not count.

    ValueError if a date has no offset or lies outside the years a calendar can answer for.
    """
    _check(ticket, now)
    asked, now = now, max(now, ticket.opened_at)  # a ticket dated ahead is read as it will be opened
    story = tell(timeline, now)
    known = story.known
    facts = Facts(ticket, story, policy, now, learnt)
    rows = promises(ticket, story, facts, policy, former)
    read = Clocks(facts, rows, policy, now)
    findings = [*facts.findings, *told_changes(read.clocks, facts, policy, former)]
    rated = Rating in map(type, known)
    admitted = admit(known, policy, desk) if rated else ()
    sad = unhappy(admitted, policy) if rated else []
    asked_back = followup(sad, facts.answers, policy, now) if sad else None
    if asked_back:
        read.clocks["followup"] = asked_back[0]
    if before:
        findings += settled(before, read.clocks, known, ticket.opened_at, policy.digest)
        recall(before, read.clocks, policy, ticket.opened_at)
    if rows[-1][1] is None:
        findings.append(f"no target for priority {ticket.priority or 'none'}")
    excluded = _excluded(ticket, facts, policy)
    verdict = _psa(ticket, story, stage_of, policy, now)
    melon = watermelon(known, facts.answers, read.clocks, verdict, sad, policy)
    early = too_early(ticket, policy)
    if early:
        findings.append(early)
    asks = not (facts.over or excluded)  # something of somebody
    live = {name: clock for name, clock in read.clocks.items() if is_live(clock)} if asks else {}
    calendar = rows[-1][1].calendar if rows[-1][1] else policy.calendar
    flags = desired(read.clocks, facts, policy, px, silent=bool(excluded or early))
    if melon and melon.flagged and flags.get("watermelon") is not None and not (excluded or early):
        flags["watermelon"] = shortened("; ".join(melon.reasons))
    if asked_back and flags.get("loop") is not None and not (excluded or early):
        flags["loop"] = loop_text(read.clocks["followup"], ticket, policy)
    look = None
    if live and not early and (model or before):
        look = foresee(live, ticket, story.all, calendar, now, policy, model)
        read.clocks.update(live)
        foretell(flags, live, policy, facts)
    promised, owed = _promised(facts, known, calendar, policy, now), None
    if promised and asks and not early:
        owed = remind(flags, promised, policy, any(map(is_hot, live.values())), now)
    return Assessment(
        ticket_id=ticket.id,
        client=policy.client,
        at=asked,
        policy=policy.digest,
        buckets=read.clocks,
        psa=verdict,
        messages=tuple(facts.verdicts),
        timeline=known,
        risk=chances(live, ticket, story.all, calendar, now, model) if live else {},
        flags=flags,
        findings=tuple(findings),
        watermelon=melon,
        commitments=promised,
        stops=audit(ticket, facts, known, rows, policy, former, verdict, now)
        if worth_a_look(facts, verdict)
        else (),
        excluded=excluded,
        timezone=policy.calendar.timezone,
        next_at=_next(ticket, story, (read.next_at, look, owed, asked_back[1] if asked_back else None), now),
    )


def _promised(
    facts: Facts, known: Timeline, calendar: WorkCalendar, policy: Policy, now: datetime
) -> tuple[Commitment, ...]:
    """The dated promises in people's messages; most tickets have none."""
    return commitments(facts, known, calendar, policy.commitments.grace, now) if facts.promising else ()


def _check(ticket: Ticket, now: datetime) -> None:
    """Instants without an offset cannot be compared with anything; better said than stumbled upon."""
    resolved, closed = ticket.resolved_at or now, ticket.closed_at or now
    if now.tzinfo and ticket.opened_at.tzinfo and resolved.tzinfo and closed.tzinfo:
        return
    naive = next(at for at in (now, ticket.opened_at, resolved, closed) if at.tzinfo is None)
    raise ValueError(f"{naive.isoformat()} has no time zone; give an aware datetime")


def _psa(
    ticket: Ticket, story: Story, stage_of: Mapping[str, str], policy: Policy, now: datetime
) -> PsaVerdict:
    """The PSA's own verdict; where it has none, what its statuses make of the ticket."""
    if not stage_of or ticket.psa != _SILENT:
        return ticket.psa
    return stages(story.known, ticket, stage_of, policy, now)


def _next(
    ticket: Ticket, story: Story, changes: tuple[datetime | None, ...], now: datetime
) -> datetime | None:
    """The first instant after `now` at which the answer changes by itself."""
    moments = (*changes, ticket.resolved_at, ticket.closed_at, story.ahead[0].at if story.ahead else None)
    first = None
    for at in moments:
        if at is not None and at > now and (first is None or at < first):
            first = at
    return first


def _excluded(ticket: Ticket, facts: Facts, policy: Policy) -> str:
    """Why it is reported apart, '' if it is not. What is merged or bundled is answered elsewhere."""
    if ticket.merged_into:
        return f"merged into {ticket.merged_into}"
    if ticket.parent:
        return f"bundled under {ticket.parent}"
    if policy.exclude_types and ticket.type.casefold() in policy.exclude_types:
        return f"type {ticket.type} is excluded"
    if policy.exclude_statuses:
        if facts.status.casefold() in policy.exclude_statuses:
            return f"status {facts.status} is excluded"
        if ticket.status != facts.status and ticket.status.casefold() in policy.exclude_statuses:
            return f"status {ticket.status} is excluded"
    return ""


def too_early(ticket: Ticket, policy: Policy) -> str:
    """Why it is shown but not flagged, '' if it is flagged. By the local date of the calendar."""
    begins = policy.enforce_from
    if begins is None or ticket.opened_at.toordinal() >= begins.toordinal() + _ANYWHERE:
        return ""
    if ticket.opened_at.astimezone(zone_named(policy.calendar.timezone)).date() >= begins:
        return ""
    return f"opened before {begins.isoformat()}, from when the promises are enforced: not flagged"
