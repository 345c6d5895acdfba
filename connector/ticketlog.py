"""The ticket log: model values as JSON and back, one form for files, the store and `--json`.

A log is JSON lines, one ticket with its events a line (docs/ticket-log.md). Unknown keys are
ignored, times are ISO 8601 with an offset. What cannot be understood raises ValueError whose text
says which key is wrong and what was expected; callers add the line number and go on.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast, get_args

from connector.model import (
    NOBODY,
    Actor,
    ActorKind,
    Appointment,
    Assessment,
    Assignment,
    BucketClock,
    BucketName,
    Channel,
    ClientChange,
    Close,
    Direction,
    Event,
    FlagName,
    Message,
    PriorityChange,
    PsaVerdict,
    Rating,
    Reopen,
    StatusChange,
    Ticket,
    Timeline,
)

Json = dict[str, Any]

YEARS = range(1990, 2101)
"""Outside these a date is a typing error or a vendor's sentinel, not an instant."""

LINE_LIMIT = 64 * 1024 * 1024
"""Bytes of one line; a longer one is an error of that line, not of the run."""

_DIRECTIONS = frozenset(get_args(Direction))
_CHANNELS = frozenset(get_args(Channel))
_KINDS = frozenset(get_args(ActorKind))


# ── small readers ─────────────────────────────────────────────────────────────────────────────


def instant(value: object, key: str = "at") -> datetime:
    """An aware UTC datetime from ISO 8601 text with offset; ValueError names `key` otherwise."""
    if not isinstance(value, str):
        raise ValueError(f"{key}: expected ISO 8601 text with an offset, got {_short(value)}")
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{key}: expected ISO 8601 text with an offset, got {_short(value)}") from None
    if at.tzinfo is None:
        raise ValueError(f"{key}: {value!r} has no offset; write 'Z' for UTC")
    if at.year not in YEARS:
        raise ValueError(f"{key}: {value!r} is not between {YEARS.start} and {YEARS.stop - 1}")
    return at if at.tzinfo is UTC else at.astimezone(UTC)


def iso(at: datetime | None) -> str | None:
    """UTC text with `Z`; fractions only when there are any."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _instant_or_none(body: Mapping[str, Any], key: str) -> datetime | None:
    value = body.get(key)
    return None if value is None or value == "" else instant(value, key)


def _text(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return str(value)
    raise ValueError(f"{key}: expected text, got {_short(value)}")


def _number(body: Mapping[str, Any], key: str) -> float | None:
    value = body.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value or abs(value) > 1e15:
        raise ValueError(f"{key}: expected a number, got {_short(value)}")
    return float(value)


def _one_of(body: Mapping[str, Any], key: str, allowed: frozenset[str], default: str) -> Any:
    value = body.get(key, default)
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{key}: expected one of {', '.join(sorted(allowed))}, got {_short(value)}")
    return value


def _object(value: object, key: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{key}: expected an object, got {_short(value)}")
    return value


def actor_from_json(value: object) -> Actor:
    if value is None:
        return NOBODY
    body = _object(value, "actor")
    return Actor(
        _one_of(body, "kind", _KINDS, "unknown"),
        _text(body, "id"),
        _text(body, "name"),
        _text(body, "team"),
        tuple(str(mark) for mark in body.get("marks") or ()),
    )


# ── events ────────────────────────────────────────────────────────────────────────────────────


def _message(body: Mapping[str, Any]) -> Message:
    text = body.get("text")
    if text is not None and not isinstance(text, str):
        raise ValueError(f"text: expected text, got {_short(text)}")
    chars = _number(body, "chars")
    headers = body.get("headers")
    return Message(
        at=instant(body.get("at")),
        key=_text(body, "key"),
        actor=actor_from_json(body.get("actor")),
        direction=_one_of(body, "direction", _DIRECTIONS, "in"),
        channel=_one_of(body, "channel", _CHANNELS, "note"),
        subject=_text(body, "subject"),
        text=text,
        chars=None if chars is None else int(chars),
        minutes=_number(body, "minutes") or 0.0,
        record=_text(body, "record"),
        headers={str(k).lower(): str(v) for k, v in _object(headers, "headers").items()} if headers else {},
    )


def _change(kind: Callable[..., Event]) -> Callable[[Mapping[str, Any]], Event]:
    def read(body: Mapping[str, Any]) -> Event:
        return kind(
            at=instant(body.get("at")),
            key=_text(body, "key"),
            actor=actor_from_json(body.get("actor")),
            from_=_text(body, "from"),
            to=_text(body, "to"),
        )

    return read


def _assignment(body: Mapping[str, Any]) -> Assignment:
    return Assignment(
        at=instant(body.get("at")),
        key=_text(body, "key"),
        actor=actor_from_json(body.get("actor")),
        what=_one_of(body, "field", frozenset({"person", "group"}), "person"),
        from_=_text(body, "from"),
        to=_text(body, "to"),
    )


def _appointment(body: Mapping[str, Any]) -> Appointment:
    return Appointment(
        at=instant(body.get("at")),
        key=_text(body, "key"),
        actor=actor_from_json(body.get("actor")),
        starts_at=_instant_or_none(body, "starts_at"),
        ends_at=_instant_or_none(body, "ends_at"),
        who=_text(body, "who"),
    )


def _rating(body: Mapping[str, Any]) -> Rating:
    score, scale = _number(body, "score"), _number(body, "scale")
    if score is None:
        raise ValueError("score: a rating needs a number")
    if scale is not None and scale <= 0:
        raise ValueError(f"scale: expected a number above 0, got {scale:g}")
    return Rating(
        at=instant(body.get("at")),
        key=_text(body, "key"),
        actor=actor_from_json(body.get("actor")),
        score=score,
        scale=5.0 if scale is None else scale,
        comment=_text(body, "comment"),
        lost_minutes=_number(body, "lost_minutes"),
        source=_text(body, "source"),
    )


_READERS: dict[str, Callable[[Mapping[str, Any]], Event]] = {
    "message": _message,
    "status": _change(StatusChange),
    "priority": _change(PriorityChange),
    "client": _change(ClientChange),
    "assign": _assignment,
    "appointment": _appointment,
    "close": _change(Close),
    "reopen": _change(Reopen),
    "rating": _rating,
}
_NAMES: dict[type, str] = {
    Message: "message",
    StatusChange: "status",
    PriorityChange: "priority",
    ClientChange: "client",
    Assignment: "assign",
    Appointment: "appointment",
    Close: "close",
    Reopen: "reopen",
    Rating: "rating",
}


def event_from_json(value: object) -> Event:
    """One event of the log; ValueError when its type or a field is not understood."""
    body = _object(value, "event")
    reader = _READERS.get(body.get("type"))  # type: ignore[arg-type]
    if reader is None:
        raise ValueError(f"type: expected one of {', '.join(_READERS)}, got {_short(body.get('type'))}")
    return reader(body)


def _actor_to_json(actor: Actor) -> Json:
    body: Json = {"kind": actor.kind, "id": actor.id, "name": actor.name, "team": actor.team}
    if actor.marks:
        body["marks"] = list(actor.marks)
    return {key: value for key, value in body.items() if value != ""}


def event_to_json(event: Event) -> Json:
    """The event as the log writes it; empty fields are left out."""
    body: Json = {"at": iso(event.at), "type": _NAMES[type(event)], "key": event.key}
    if event.actor != NOBODY:
        body["actor"] = _actor_to_json(event.actor)
    match event:
        case Message():
            body |= {"direction": event.direction, "channel": event.channel, "subject": event.subject}
            body |= {"text": event.text, "chars": event.chars, "minutes": event.minutes or None}
            body |= {"record": event.record, "headers": dict(event.headers) or None}
        case Assignment():
            body |= {"field": event.what, "from": event.from_, "to": event.to}
        case Appointment():
            body |= {"starts_at": iso(event.starts_at), "ends_at": iso(event.ends_at), "who": event.who}
        case Rating():
            body |= {"score": event.score, "scale": event.scale, "comment": event.comment}
            body |= {"lost_minutes": event.lost_minutes, "source": event.source}
        case _:
            body |= {"from": event.from_, "to": event.to}
    return {key: value for key, value in body.items() if value is not None and (value != "" or key == "text")}


# ── tickets ───────────────────────────────────────────────────────────────────────────────────


def _verdict_from_json(body: Mapping[str, Any]) -> PsaVerdict:
    says = _object(body.get("psa") or {}, "psa")
    met = says.get("sla_met", body.get("made_sla"))
    return PsaVerdict(
        response_at=_instant_or_none(says, "response_at"),
        resplan_at=_instant_or_none(says, "resplan_at"),
        resolved_at=_instant_or_none(says, "resolved_at"),
        sla_met=met if isinstance(met, bool) else None,
        text=_text(says, "text"),
    )


def _verdict_to_json(says: PsaVerdict) -> Json:
    return {
        "response_at": iso(says.response_at),
        "resplan_at": iso(says.resplan_at),
        "resolved_at": iso(says.resolved_at),
        "sla_met": says.sla_met,
        "text": says.text,
    }


def ticket_from_json(value: object) -> tuple[Ticket, Timeline]:
    """A ticket and its events in the order of the log, ratings last. ValueError when it is not one."""
    body = _object(value, "ticket")
    ticket_id = _text(body, "id")
    if not ticket_id:
        raise ValueError("id: a ticket needs one")
    events = body.get("events") or []
    ratings = body.get("ratings") or []
    if not isinstance(events, list) or not isinstance(ratings, list):
        raise ValueError("events, ratings: expected lists")
    timeline: list[Event] = []
    for index, item in enumerate(events):
        try:
            timeline.append(event_from_json(item))
        except ValueError as error:
            raise ValueError(f"events[{index}].{error}") from None
    for index, item in enumerate(ratings):
        try:
            timeline.append(_rating(_object(item, "rating")))
        except ValueError as error:
            raise ValueError(f"ratings[{index}].{error}") from None
    closed_at = _instant_or_none(body, "closed_at")
    return Ticket(
        id=ticket_id,
        client=_text(body, "client"),
        client_id=_text(body, "client_id"),
        opened_at=instant(body.get("opened_at"), "opened_at"),
        summary=_text(body, "summary"),
        priority=_text(body, "priority"),
        type=_text(body, "type"),
        status=_text(body, "status"),
        group=_text(body, "group"),
        owner=_text(body, "owner"),
        contact=_text(body, "contact"),
        resolved_at=_instant_or_none(body, "resolved_at"),
        closed_at=closed_at,
        closed=bool(body.get("closed", closed_at is not None)),
        url=_text(body, "url"),
        parent=_text(body, "parent"),
        merged_into=_text(body, "merged_into"),
        psa=_verdict_from_json(body),
    ), tuple(timeline)


def ticket_to_json(ticket: Ticket) -> Json:
    """The ticket without its events; empty fields are left out."""
    body: Json = {
        "id": ticket.id,
        "client": ticket.client,
        "client_id": ticket.client_id,
        "opened_at": iso(ticket.opened_at),
        "summary": ticket.summary,
        "priority": ticket.priority,
        "type": ticket.type,
        "status": ticket.status,
        "group": ticket.group,
        "owner": ticket.owner,
        "contact": ticket.contact,
        "resolved_at": iso(ticket.resolved_at),
        "closed_at": iso(ticket.closed_at),
        "closed": ticket.closed or None,
        "url": ticket.url,
        "parent": ticket.parent,
        "merged_into": ticket.merged_into,
    }
    if ticket.psa != PsaVerdict():
        body["psa"] = {k: v for k, v in _verdict_to_json(ticket.psa).items() if v not in (None, "")}
    return {key: value for key, value in body.items() if value not in (None, "")}


# ── assessments ───────────────────────────────────────────────────────────────────────────────


def _minutes(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _clock_to_json(clock: BucketClock, index: Mapping[int, int] | None, timeline: Timeline) -> Json:
    event = clock.event
    if event is not None and index is not None:
        event = index.get(id(timeline[event]))
    body: Json = {
        "state": clock.state,
        "zone": clock.zone,
        "target_min": _minutes(clock.target_min),
        "elapsed_min": _minutes(clock.elapsed_min),
        "due_at": iso(clock.due_at),
        "done_at": iso(clock.done_at),
        "missed_at": iso(clock.missed_at),
        "event": event,
        "why": clock.why,
        "pauses": [[iso(start), iso(end)] for start, end in clock.pauses],
    }
    if clock.first_done_at is not None or clock.reopened:
        body |= {"first_done_at": iso(clock.first_done_at), "reopened": clock.reopened}
    if clock.missed_times:
        body["missed_times"] = clock.missed_times
    if clock.policy:
        body["policy"] = clock.policy
    return body


def clocks_from_json(document: Mapping[str, Any]) -> dict[BucketName, BucketClock]:
    """The clocks of an assessment's JSON, each with the digest of the rules that judged it."""
    return {name: _clock_from_json(body, document["policy"]) for name, body in document["buckets"].items()}


def _clock_from_json(body: Mapping[str, Any], policy: str) -> BucketClock:
    return BucketClock(
        state=body["state"],
        zone=body["zone"],
        target_min=body["target_min"],
        elapsed_min=body["elapsed_min"],
        due_at=_instant_or_none(body, "due_at"),
        done_at=_instant_or_none(body, "done_at"),
        missed_at=_instant_or_none(body, "missed_at"),
        event=body["event"],
        why=body["why"],
        pauses=tuple(
            (instant(start, "pauses"), instant(end, "pauses") if end else None)
            for start, end in body["pauses"]
        ),
        first_done_at=_instant_or_none(body, "first_done_at"),
        reopened=body.get("reopened", 0),
        missed_times=body.get("missed_times", 0),
        policy=body.get("policy", policy),
    )


def _flags_to_json(flags: Mapping[FlagName, str]) -> Json:
    """Flags as text; the felt minutes as a number, null while nobody has answered."""
    body = cast(Json, dict(flags))
    if "felt_response" in body:
        body["felt_response"] = int(flags["felt_response"]) if flags["felt_response"] else None
    return body


def assessment_to_json(assessment: Assessment, events: Sequence[Event] | None = None) -> Json:
    """The assessment as `assess --json` prints it. `events`: the order the caller numbers events in
    (a log's own); without it numbers index the assessment's timeline."""
    timeline = assessment.timeline
    index = None if events is None else {id(event): number for number, event in enumerate(events)}
    messages = []
    for verdict in assessment.messages:
        number = verdict.event if index is None else index.get(id(timeline[verdict.event]))
        evidence = [{"rule": e.rule, "field": e.field, "text": e.text} for e in verdict.evidence]
        messages.append(
            {
                "event": number,
                "cause": verdict.cause,
                "content": verdict.content,
                "counts": verdict.counts,
                "evidence": evidence,
            }
        )
    body: Json = {
        "id": assessment.ticket_id,
        "client": assessment.client,
        "at": iso(assessment.at),
        "policy": assessment.policy,
        "buckets": {
            name: _clock_to_json(clock, index, timeline) for name, clock in assessment.buckets.items()
        },
        "psa": _verdict_to_json(assessment.psa),
        "messages": messages,
        "risk": {name: round(chance, 4) for name, chance in assessment.risk.items()},
        "flags": _flags_to_json(assessment.flags),
        "findings": list(assessment.findings),
        "next_at": iso(assessment.next_at),
    }
    if assessment.excluded:
        body["excluded"] = assessment.excluded
    return body


# ── files ─────────────────────────────────────────────────────────────────────────────────────


def read_lines(path: Path) -> Iterator[tuple[int, str | ValueError]]:
    """The lines of a log (`.gz` allowed), numbered from 1; empty ones are passed over.

    A line that is not UTF-8 or is over LINE_LIMIT comes as the ValueError that says so.
    """
    opener: Callable[..., Any] = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as file:
        number = 0
        while raw := file.readline(LINE_LIMIT + 1):
            number += 1
            if len(raw) > LINE_LIMIT and not raw.endswith(b"\n"):
                while (more := file.readline(LINE_LIMIT)) and not more.endswith(b"\n"):
                    pass
                yield number, ValueError(f"longer than {LINE_LIMIT // 1024 // 1024} MB")
                continue
            try:
                line = raw.decode("utf-8").strip()
            except UnicodeDecodeError as error:
                yield number, ValueError(f"not UTF-8 at byte {error.start + 1}")
                continue
            if line:
                yield number, line


def read_json(path: Path) -> Iterator[tuple[int, Any]]:
    """Every line's JSON value, or the ValueError that says why there is none."""
    for number, line in read_lines(path):
        if isinstance(line, ValueError):
            yield number, line
            continue
        try:
            yield number, json.loads(line)
        except (ValueError, RecursionError) as error:
            reason = str(error) if isinstance(error, ValueError) else "nested too deeply"
            yield number, ValueError(f"not JSON: {reason}")


def read_log(path: Path) -> Iterator[tuple[int, tuple[Ticket, Timeline] | ValueError]]:
    """Every ticket of a log with its line number, or the ValueError that says what is wrong with it."""
    for number, value in read_json(path):
        if isinstance(value, ValueError):
            yield number, value
            continue
        try:
            yield number, ticket_from_json(value)
        except ValueError as error:
            yield number, error
