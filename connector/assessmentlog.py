"""Assessments as JSON: one form for `assess --json`, `explain --json` and the store.

The store reads back the clocks only: what was final under the rules of its day stays (`rules.settled`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast
from zoneinfo import ZoneInfo

from connector.model import (
    Assessment,
    BucketClock,
    BucketName,
    Commitment,
    Event,
    FlagName,
    StopFinding,
)
from connector.rules.lines import why, zone_named
from connector.ticketlog import instant, iso
from connector.ticketlog.tickets import verdict_to_json
from connector.ticketlog.values import Json, maybe_instant


def _minutes(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _clock_to_json(
    name: BucketName, assessment: Assessment, zone: ZoneInfo, index: Mapping[int, int] | None
) -> Json:
    clock, timeline = assessment.buckets[name], assessment.timeline
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
        "why": why(name, clock, timeline, zone),
        "pauses": [[iso(start), iso(end)] for start, end in clock.pauses],
    }
    if clock.first_done_at is not None or clock.reopened:
        body |= {"first_done_at": iso(clock.first_done_at), "reopened": clock.reopened}
    if clock.missed_times:
        body["missed_times"] = clock.missed_times
    if clock.policy:
        body["policy"] = clock.policy
    if clock.stands:
        body["stands"] = clock.stands
    if clock.foreseen_at is not None:
        body |= {"foreseen_at": iso(clock.foreseen_at), "foreseen_why": clock.foreseen_why}
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
        due_at=maybe_instant(body, "due_at"),
        done_at=maybe_instant(body, "done_at"),
        missed_at=maybe_instant(body, "missed_at"),
        event=body["event"],
        stands=body.get("stands", ""),
        pauses=tuple(
            (instant(start, "pauses"), instant(end, "pauses") if end else None)
            for start, end in body["pauses"]
        ),
        first_done_at=maybe_instant(body, "first_done_at"),
        reopened=body.get("reopened", 0),
        missed_times=body.get("missed_times", 0),
        policy=body.get("policy", policy),
        foreseen_at=maybe_instant(body, "foreseen_at"),
        foreseen_why=body.get("foreseen_why", ""),
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
    timeline, zone = assessment.timeline, zone_named(assessment.timezone)
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
        "buckets": {name: _clock_to_json(name, assessment, zone, index) for name in assessment.buckets},
        "psa": verdict_to_json(assessment.psa),
        "messages": messages,
        "risk": {name: round(chance, 4) for name, chance in assessment.risk.items()},
        "flags": _flags_to_json(assessment.flags),
        "findings": list(assessment.findings),
        "next_at": iso(assessment.next_at),
    }
    if assessment.watermelon:
        melon = assessment.watermelon
        body["watermelon"] = {
            "points": melon.points,
            "reasons": list(melon.reasons),
            "on_paper": "kept" if melon.on_paper else "missed",
            "flagged": melon.flagged,
        }
    if assessment.commitments:
        body["commitments"] = [_commitment(one, assessment, index) for one in assessment.commitments]
    if assessment.stops:
        body["stops"] = [_stop(one, assessment, index) for one in assessment.stops]
    if assessment.excluded:
        body["excluded"] = assessment.excluded
    return body


def _number(event: int | None, assessment: Assessment, index: Mapping[int, int] | None) -> int | None:
    """An event in the caller's numbering."""
    return event if event is None or index is None else index.get(id(assessment.timeline[event]))


def _commitment(one: Commitment, assessment: Assessment, index: Mapping[int, int] | None) -> Json:
    return {
        "event": _number(one.event, assessment, index),
        "quote": one.quote,
        "kind": one.kind,
        "by": "desk" if one.desk else "writer",
        "said_at": iso(one.said_at),
        "due_at": iso(one.due_at),
        "state": one.state,
        "done_at": iso(one.done_at),
        "done_event": _number(one.done_event, assessment, index),
        "why": one.why,
    }


def _stop(one: StopFinding, assessment: Assessment, index: Mapping[int, int] | None) -> Json:
    return {
        "rule": one.rule,
        "at": iso(one.at),
        "until": iso(one.until),
        "minutes": round(one.minutes, 2),
        "event": _number(one.event, assessment, index),
        "text": one.text,
    }
