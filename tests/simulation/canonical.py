"""An assessment in words that are the same for every PSA: what is compared, by path.

Left out are the digest of the rules, which name statuses in the PSA's own words, and numbers of events: a
clock that ended by a fact says by whose and when instead.
"""

from __future__ import annotations

from connector.model import Assessment, BucketClock, Event, Message, Rating, Ticket, Timeline
from connector.rules.lines import why, zone_named

Said = dict[str, str]
"""What an assessment says, by path: "flags.zone", "response.due", "17. 11:17:00 out Mara Bauer.counts" …"""

_FIELDS = ("client", "client_id", "priority", "type", "group", "status", "summary", "merged_into", "parent")


def canonical(ticket: Ticket, answer: Assessment) -> Said:
    """Everything that an assessment says, and the ticket's own fields that it goes by."""
    said = {f"flags.{flag}": value for flag, value in answer.flags.items()}
    for name, clock in answer.buckets.items():
        said |= {f"{name}.{what}": value for what, value in _clock(clock, answer.timeline).items()}
        said[f"{name}.why"] = why(name, clock, answer.timeline, zone_named(answer.timezone))
    for verdict in answer.messages:
        place = _place(answer.timeline[verdict.event], said, "counts")
        reasons = sorted(f"{e.rule} in {e.field}: {e.text}" for e in verdict.evidence)
        said[f"{place}.counts"] = str(verdict.counts)
        said[f"{place}.judged"] = f"{verdict.cause} {verdict.content}"
        said[f"{place}.because"] = "; ".join(reasons)
    for number, rating in enumerate((e for e in answer.timeline if isinstance(e, Rating)), 1):
        said[f"rating {number}.at"] = str(rating.at)
        said[f"rating {number}.score"] = f"{rating.score:g} of {rating.scale:g}"
        said[f"rating {number}.comment"] = rating.comment
    return said | _whole(answer) | _ticket(ticket)


def _whole(answer: Assessment) -> Said:
    psa = answer.psa
    return {
        "psa.response": str(psa.response_at),
        "psa.resplan": str(psa.resplan_at),
        "psa.resolved": str(psa.resolved_at),
        "psa.met": str(psa.sla_met),
        "psa.text": psa.text,
        "findings": "; ".join(answer.findings),
        "excluded": answer.excluded,
        "risk": str({name: round(chance, 4) for name, chance in answer.risk.items()}),
        "next": str(answer.next_at),
    }


def _ticket(ticket: Ticket) -> Said:
    said = {f"ticket.{name}": getattr(ticket, name) for name in _FIELDS}
    return said | {
        f"ticket.{name}": str(getattr(ticket, name)) for name in ("opened_at", "closed", "closed_at")
    }


def _clock(clock: BucketClock, timeline: Timeline) -> Said:
    event = None if clock.event is None else timeline[clock.event]
    return {
        "state": clock.state,
        "zone": clock.zone,
        "target": str(clock.target_min),
        "spent": f"{clock.elapsed_min:.2f}",
        "due": str(clock.due_at),
        "done": str(clock.done_at),
        "missed": f"{clock.missed_at} {clock.missed_times}",
        "by": "" if event is None else _told(event),
        "stands": clock.stands,
        "pauses": ", ".join(f"{start} to {end}" for start, end in clock.pauses),
        "reopened": f"{clock.first_done_at} {clock.reopened}",
        "foreseen": f"{clock.foreseen_at} {clock.foreseen_why}",
    }


def _place(event: Event, said: Said, part: str) -> str:
    """Name of a message: when, which way, by whom; the second of the same name is numbered."""
    name, number = _told(event), 1
    while f"{(place := name if number == 1 else f'{name} {number}')}.{part}" in said:
        number += 1
    return place


def _told(event: Event) -> str:
    """An event by its time, its kind and who did it: people by name, whose numbers are the PSA's own."""
    actor = event.actor
    who = actor.name if actor.kind == "staff" else actor.kind
    way = event.direction if isinstance(event, Message) else type(event).__name__
    return f"{event.at:%d. %H:%M:%S} {way} {who}"
