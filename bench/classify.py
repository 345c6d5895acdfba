"""Measures who-wrote-this on the shared labelled messages: one row a slice, and the time a verdict takes.

Run: `python -m bench.classify`. Reads `$PX_SHARED`, else `../shared` beside the repo; says so if it is not
there. Labels name what a message is: `automated` and `ooo` were sent by machines, `human` by people,
`boilerplate` is judged by content. Group, source, author, id and label are never shown to the judge.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connector.model import CHANNELS, Actor, Message
from connector.rules.authorship import RULES_VERSION, Judgement, judge
from connector.rules.authorship.judgement import NOTHING_LEARNT, Learnt
from connector.rules.authorship.templates import gathered, lines_of, sightings
from connector.rules.policy import ResponseRule

RULE = ResponseRule(channels=frozenset(CHANNELS))
AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled message and its verdict. `hard` are the names of the difficulties it carries."""

    id: str
    label: str
    hard: tuple[str, ...]
    message: Message
    verdict: Judgement


@dataclass(frozen=True, slots=True)
class Score:
    """Of `truth` cases `found` were named, `right` of them rightly."""

    found: int
    right: int
    truth: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.truth if self.truth else 1.0

    def __str__(self) -> str:
        if not self.found and not self.truth:
            return f"{'-':>17}"
        return f"{self.precision:5.3f} {self.recall:5.3f} {self.found:3}/{self.truth:<3}"


def labelled() -> Path | None:
    """The labelled messages, if the shared material is there."""
    root = Path(os.environ.get("PX_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    path = root / "data" / "messages" / "labelled.jsonl"
    return path if path.is_file() else None


def to_message(row: dict[str, object]) -> Message:
    """Only what a PSA would hand over: direction, subject, headers, text."""
    headers = row.get("headers")
    return Message(
        at=AT,
        actor=Actor(),
        direction="out" if row.get("direction") == "out" else "in",
        channel="email",
        subject=str(row.get("subject") or ""),
        headers={str(k): str(v) for k, v in headers.items()} if isinstance(headers, dict) else {},
        text=str(row.get("text") or ""),
    )


def cases(path: Path) -> Iterator[Case]:
    """Every labelled message with its verdict."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            message = to_message(row)
            yield Case(row["id"], row["label"], tuple(row["hard"]), message, judge(message, RULE))


def score(some: list[Case], named: Callable[[Case], bool], true: Callable[[Case], bool]) -> Score:
    found = [case for case in some if named(case)]
    return Score(len(found), sum(map(true, found)), sum(map(true, some)))


def automated(some: list[Case]) -> Score:
    return score(some, lambda c: c.verdict.cause == "automated", lambda c: c.label in ("automated", "ooo"))


def human(some: list[Case]) -> Score:
    return score(some, lambda c: c.verdict.cause == "human", lambda c: c.label == "human")


def absence(some: list[Case]) -> Score:
    return score(some, lambda c: c.verdict.content == "absence", lambda c: c.label == "ooo")


def bounce(some: list[Case]) -> Score:
    return score(some, lambda c: c.verdict.content == "bounce", lambda c: "bounce" in c.hard)


def boilerplate(some: list[Case]) -> Score:
    return score(some, lambda c: c.verdict.content == "boilerplate", lambda c: c.label == "boilerplate")


def slices(every: list[Case]) -> dict[str, list[Case]]:
    found = {"all": every, "with headers": [c for c in every if c.message.headers]}
    found["no headers"] = [c for c in every if not c.message.headers]
    for label in sorted({c.label for c in every}):
        found[f"label {label}"] = [c for c in every if c.label == label]
    for hard in sorted({name for c in every for name in c.hard}):
        found[hard] = [c for c in every if hard in c.hard]
    return found


def by_phrases_alone(every: list[Case]) -> list[Case]:
    """Messages called automated with nothing but words for evidence; there must be none."""
    return [
        c
        for c in every
        if c.verdict.cause == "automated"
        and all(e.rule.startswith(("phrase.", "text.")) for e in c.verdict.evidence)
    ]


AGENT = Actor(kind="staff", id="a1")
USED = 4
"""Tickets on which a canned text is sent before it is judged."""


def sent(case: Case, day: int, text: str = "") -> Message:
    """A labelled text as one agent's answer."""
    text = text or case.message.text or ""
    return replace(case.message, actor=AGENT, direction="out", at=AT + timedelta(days=day), text=text)


def as_a_desk_meets_them(every: list[Case]) -> list[Case]:
    """The canned texts and the people's, judged as one agent's answers on a desk that has sent each canned
    text on USED tickets before, greeting and signature differing, and each of the others once."""
    seen = [
        sighting
        for case in every
        for number in range(USED if case.label == "boilerplate" else 1)
        for sighting in sightings(
            f"{case.id}/{number}",
            [sent(case, number, f"Hi Nr{number},\n\n{case.message.text}\n\nBest regards,\nDana {number}")],
        )
        if case.label in ("boilerplate", "human")
    ]
    learnt = Learnt(gathered(seen))
    return [
        replace(case, message=message, verdict=judge(message, RULE, ticket=case.id, learnt=learnt))
        for case in every
        if case.label in ("boilerplate", "human")
        for message in [sent(case, USED)]
    ]


def microseconds(message: Message, times: int = 2000, learnt: Learnt = NOTHING_LEARNT) -> float:
    """Best of five mean times of a verdict, in microseconds: the least disturbed by the machine's load."""
    runs = []
    for _ in range(5):
        start = time.process_time()
        for _ in range(times):
            lines_of.cache_clear()
            judge(message, RULE, ticket="here", learnt=learnt)
        runs.append((time.process_time() - start) / times * 1e6)
    return min(runs)


SPEED_TEXT = (
    "Hi Dana,\n\nI had a look at the print server this morning. The spooler on PRN-02 had stopped after the\n"
    "driver update on Tuesday, so every job from the second floor was held back. I removed the new driver,\n"
    "put version 6.8 back and cleared the queue; three test pages came out fine at 10:42. Could you ask\n"
    "your colleagues to print once more and tell me whether the colours are right? If the tray message is\n"
    "still there, please switch the printer off for a minute.\n\nBest regards,\nSam Porter\nService desk"
)  # fmt: skip


def main() -> None:
    print(f"classify: rules {RULES_VERSION}")
    staff = Actor(kind="staff", id="a4")
    bare = Message(at=AT, actor=staff, direction="out", chars=120)
    text = Message(at=AT, actor=staff, direction="out", channel="email", text=SPEED_TEXT[:500])
    known = Learnt(gathered(s for n in range(USED) for s in sightings(str(n), [replace(text, at=AT)])))
    later = replace(text, at=AT + timedelta(days=1))
    print(
        f"  without text {microseconds(bare):6.2f} us   with 500 characters {microseconds(text):6.1f} us"
        f"   and stock texts {microseconds(later, learnt=known):6.1f} us"
    )
    path = labelled()
    if path is None:
        print("  labelled messages: not there (set PX_SHARED to the folder that holds data/messages)")
        return
    every = list(cases(path))
    print("  each cell: precision, recall, named/true")
    columns = {
        "automated": automated,
        "human": human,
        "absence": absence,
        "bounce": bounce,
        "boilerplate": boilerplate,
    }
    print(f"  {'slice':24}{'n':>5}  " + "  ".join(f"{name:17}" for name in columns))
    for name, some in slices(every).items():
        cells = "  ".join(str(measure(some)) for measure in columns.values())
        print(f"  {name:24}{len(some):5}  {cells}")
    print(f"  automated by phrases alone: {len(by_phrases_alone(every))}")
    desk = as_a_desk_meets_them(every)
    print(f"  boilerplate, canned texts sent on {USED} tickets before: {boilerplate(desk)}")
    print(f"  boilerplate, the same without what was learnt:      {boilerplate(_unlearnt(desk))}")


def _unlearnt(desk: list[Case]) -> list[Case]:
    return [replace(case, verdict=judge(case.message, RULE)) for case in desk]


if __name__ == "__main__":
    main()
