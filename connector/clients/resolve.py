"""From a checked file to a Policy: fallbacks filled in, text made comparable, everything digested.

The digest is over the rules as they apply, dates of holidays included, and not over the file: a comment
or another order changes nothing, a new default or a corrected holiday does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from connector.clients.experience import ImprovementPlanPart, SurveyPart
from connector.clients.models import ClientFile, PxPart, ResolutionPart, TargetRow
from connector.model import BUCKETS
from connector.rules.policy import (
    CommitmentRule,
    LoopRule,
    Match,
    NoiseRule,
    PauseRule,
    PlanRule,
    PlanTask,
    Policy,
    PxRule,
    ResolutionRule,
    ResplanRule,
    ResponseRule,
    RiskRule,
    SurveyRule,
    Target,
    WatermelonRule,
    Zones,
)
from connector.rules.worktime import WorkCalendar

_NOT_RULES = ("digest", "source", "statuses_named", "holds", "noise", "notify")
_EVERY_OTHER = TargetRow()


def resolve(
    file: ClientFile,
    calendar: WorkCalendar,
    by_row: Mapping[str, WorkCalendar],
    response: ResponseRule,
    source: Path,
) -> Policy:
    """The policy that a checked file amounts to, with its calendar, those of single rows of targets, and
    its rules about answers."""
    named = (file.resplan, file.pause, file.resolution, file.exclude)
    asked_in = file.survey.statuses if file.survey.ask else []
    policy = Policy(
        client=file.client,
        match=_match(file),
        enforce_from=file.enforce_from,
        calendar=calendar,
        response=response,
        resplan=_resplan(file),
        targets=_targets(file, calendar, by_row),
        update_runs=file.update.runs,
        pause=PauseRule(
            statuses=_folded(file.pause.statuses),
            buckets=frozenset(file.pause.buckets),
            resume_on_reply=file.pause.resume_on_reply,
        ),
        resolution=_resolution(file.resolution),
        on_priority_change=file.on_priority_change,
        zones=Zones(**file.zones.model_dump()),
        risk=RiskRule(**file.risk.model_dump()),
        exclude_types=_folded(file.exclude.types),
        exclude_statuses=_folded(file.exclude.statuses),
        px=_px(file.px),
        plan=_plan(file.improvement_plan),
        watermelon=WatermelonRule(
            from_=file.watermelon.from_,
            words=tuple(sorted({word.casefold() for word in file.watermelon.words})),
            **file.watermelon.points.model_dump(),
        ),
        loop=LoopRule(
            deadline=file.loop.deadline, owner=file.loop.owner or "", manager=file.loop.manager or ""
        ),
        survey=_survey(file.survey),
        commitments=CommitmentRule(**file.commitments.model_dump()),
        reward=file.reward.above,
        noise=NoiseRule(**file.noise.model_dump()),
        notify=file.notify.rule(file.calendar.timezone),
        flags=MappingProxyType({flag: caption for flag, caption in file.flags.items() if caption}),
        company_flags=MappingProxyType({flag: name for flag, name in file.company_flags.items() if name}),
        digest="",
        source=str(source),
        statuses_named=frozenset([*asked_in, *(status for part in named for status in part.statuses)]),
    )
    return replace(policy, digest=digest(policy))


def digest(value: Any) -> str:
    """ "sha256:…" over the canonical JSON of a policy, or of anything made of the same kinds of value."""
    text = json.dumps(_canonical(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    if isinstance(value, WorkCalendar):
        return value.key
    if is_dataclass(value):
        names = [one.name for one in fields(value) if one.name not in _NOT_RULES]
        return {name: _canonical(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {key: _canonical(inner) for key, inner in value.items()}
    if isinstance(value, (frozenset, set)):
        return sorted(value)
    if isinstance(value, (list, tuple)):
        return [_canonical(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)


def _match(file: ClientFile) -> Match | None:
    if file.match is None:
        return None
    return Match(connection=file.match.connection, companies=_folded(file.match.companies))


def _resplan(file: ClientFile) -> ResplanRule:
    written = file.resplan
    return ResplanRule(
        channels=frozenset(written.channels),
        appointment=written.appointment,
        message_by_resolver=written.message_by_resolver,
        statuses=_folded(written.statuses),
        not_by=_folded(written.not_by),
    )


def _targets(
    file: ClientFile, calendar: WorkCalendar, by_row: Mapping[str, WorkCalendar]
) -> Mapping[str, Target]:
    """The rows as written; what one does not name is as in the `*` row."""
    general = file.targets.get("*", _EVERY_OTHER)
    found: dict[str, Target] = {}
    for priority, row in sorted(file.targets.items()):
        named = row.model_fields_set
        promised = {bucket: getattr(row if bucket in named else general, bucket) for bucket in BUCKETS}
        found[priority.casefold()] = Target(
            minutes=MappingProxyType({bucket: one for bucket, one in promised.items() if one is not None}),
            calendar=by_row.get(priority if "calendar" in named else "*", calendar),
        )
    return MappingProxyType(found)


def _resolution(written: ResolutionPart) -> ResolutionRule:
    return ResolutionRule(
        statuses=_folded(written.statuses),
        auto_close=written.auto_close,
        reopened=written.reopened,
        thanks=written.thanks,
    )


def _plan(written: ImprovementPlanPart) -> PlanRule:
    return PlanRule(
        days=written.days,
        checkpoints=tuple(written.checkpoints),
        exit=written.exit,
        owner=written.owner or "",
        tasks=tuple(
            PlanTask(title=task.title, day=task.day, owner=task.owner or written.owner or "")
            for task in written.tasks
        ),
    )


def _survey(written: SurveyPart) -> SurveyRule:
    plain = written.model_dump(exclude={"statuses", "questions"})
    questions = written.questions
    return SurveyRule(
        **plain,
        statuses=_folded(written.statuses),
        comment=questions.comment,
        lost_time=questions.lost_time,
        factors=tuple(dict.fromkeys(questions.factors)),
    )


def _px(written: PxPart) -> PxRule:
    plain = written.model_dump(exclude={"notes", "fields", "own"})
    return PxRule(
        **plain,
        notes=tuple(note.rule() for note in written.notes),
        fields=tuple(field.rule(caption) for caption, field in written.fields.items()),
        own=_folded(name.removeprefix("@") for name in written.own),
    )
