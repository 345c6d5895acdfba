"""Bugs of ours, planted: each breaks one law, most of them only while one kind of trouble is about.

They show that the laws are not empty words, and that each kind of trouble is really felt: with the bug and
without the trouble nothing is found.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.clients.book import ClientBook
from connector.daemon import assess, clockset, marks, observe, supervisor, write
from connector.daemon.reload import Rules
from connector.daemon.supervisor import Supervisor
from connector.psa import retry
from connector.psa.quota import Budget
from connector.rules.openinghours import WEEKDAYS
from connector.rules.policy import Policy
from connector.rules.worktime import WorkCalendar
from connector.store import assessments, events, history, inbox, outbox, quarantine, reasons
from connector.web.hooks import Hooks
from connector.web.intake import Intake
from tests.weather.voyage import Plan

Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Bug:
    """`law`: the one it breaks. `faults`: the trouble it needs; none: it breaks it on a fine day."""

    name: str
    law: str
    plant: Plant
    faults: frozenset[str] = frozenset()
    plan: dict[str, Any] = field(default_factory=dict)

    def voyage(self, seed: int) -> Plan:
        usual = {"vendor": "connectwise", "steps": 500, "calm_every": 250, "trouble": 0.05, "look_every": 50}
        return Plan(**{**usual, "seed": seed, "faults": self.faults, **self.plan})


def _bug(name: str, law: str, *faults: str, **plan: Any) -> Callable[[Plant], Plant]:
    def made(plant: Plant) -> Plant:
        BUGS.append(Bug(name, law, plant, frozenset(faults), plan))
        return plant

    return made


BUGS: list[Bug] = []


def asleep(patch: pytest.MonkeyPatch) -> None:
    """The auditor sleeps: it would have mended some of these before anybody looks."""

    async def sleeps(_c: Any, stopping: asyncio.Event) -> None:
        await stopping.wait()

    patch.setattr(supervisor, "keep_auditing", sleeps)


# ── on a fine day ─────────────────────────────────────────────────────────────────────────────


@_bug("a webhook is answered and not kept", "webhooks_kept")
def _not_kept(patch: pytest.MonkeyPatch) -> None:
    async def put(_self: Intake, _conn: str, hints: Sequence[Any]) -> int:
        return len(hints)

    patch.setattr(Intake, "put", put)


@_bug("a flag says something else", "flags_right")
def _other_flag(patch: pytest.MonkeyPatch) -> None:
    real = assess.assess

    def wrong(*given: Any, **named: Any) -> Any:
        answer = real(*given, **named)
        return replace(answer, flags={**answer.flags, "why": "all is well"})

    patch.setattr(assess, "assess", wrong)


@_bug("no reason is kept for a change", "every_change_explained")
def _no_reason(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(assess, "reason", lambda _answer: "")


@_bug("a change is not kept", "writes_explained")
def _no_record(patch: pytest.MonkeyPatch) -> None:
    async def record(*_: Any) -> None: ...

    patch.setattr(history, "record", record)


@_bug("timers never ring", "timers_kept")
def _no_timers(patch: pytest.MonkeyPatch) -> None:
    find = reasons.find

    async def due(*_: Any) -> list[str]:
        return []

    async def found(*given: Any) -> Any:
        return replace(await find(*given), timer=None)

    patch.setattr(assessments, "due", due)
    patch.setattr(reasons, "find", found)


@_bug("the customer gets a note with each write", "nothing_a_customer_sees")
def _note(patch: pytest.MonkeyPatch) -> None:
    real = write._attempt

    async def loud(c: Any, owed: Any, shown: Any) -> Any:
        note = {"text": "Your ticket was updated.", "detailDescriptionFlag": True}
        await c.psa._session.api.post(f"service/tickets/{owed.ticket_id}/notes", note)
        return await real(c, owed, shown)

    patch.setattr(write, "_attempt", loud)


@_bug("our share of requests is not kept", "quota_patience_and_no_defect", share=30)
def _no_budget(patch: pytest.MonkeyPatch) -> None:
    """The settings allow thirty a minute."""

    async def turn(budget: Budget, _share: float) -> float:
        budget._sent.append(budget._clock())
        return budget._clock()

    patch.setattr(Budget, "_turn", turn)


@_bug("a webhook is called handled before anybody has looked", "no_webhook_lost")
def _handled_early(patch: pytest.MonkeyPatch) -> None:
    """The poll heals it, but for a webhook that comes after its ticket was polled."""
    real = inbox.put

    async def put(tx: Any, *given: Any) -> int:
        kept = await real(tx, *given)
        await tx.execute(inbox.table.update().values(waiting=False))
        return kept

    patch.setattr(inbox, "put", put)


@_bug("an error that nobody has thought of", "quota_patience_and_no_defect", steps=60)
def _defect(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(supervisor, "note", lambda *_: {}["nothing"])


# ── only in bad weather ───────────────────────────────────────────────────────────────────────


@_bug("a daemon that is started again stays still", "healthy", "restart")
@_bug("a daemon that is begun after a crash stays still", "healthy", "crash")
def _stays_still(patch: pytest.MonkeyPatch) -> None:
    real, begun = Supervisor.run, list[Supervisor]()

    async def run(self: Supervisor) -> None:
        begun.append(self)
        await (real(self) if len(begun) == 1 else self._stopping.wait())

    patch.setattr(Supervisor, "run", run)


@_bug("a write is not compared with what the PSA shows", "writes_once", "write hung up", vendor="autotask")
def _not_compared(patch: pytest.MonkeyPatch) -> None:
    async def attempt(c: Any, owed: Any, _shown: Any) -> Any:
        try:
            await c.psa.write(owed.ticket_id, dict(owed.flags))
        except write.Unavailable as error:
            return write.Attempt(owed, error)
        return write.Attempt(owed)

    patch.setattr(write, "_attempt", attempt)


@_bug("a 429 is not heeded", "quota_patience_and_no_defect", "429 storm")
@_bug("a 429 now and then is not heeded", "quota_patience_and_no_defect", "429 now and then")
@_bug("a 429 that names no time is not heeded", "quota_patience_and_no_defect", "429 without a word")
def _impatient(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Budget, "throttled", lambda *_: None)
    patch.setattr(retry, "wait_s", lambda *_: 0.01)


def _gives_up(patch: pytest.MonkeyPatch) -> None:
    """What failed once is never tried again."""
    patch.setattr(retry, "repeatable", lambda *_: False)
    patch.setattr(supervisor, "wait_s", lambda _failures: 1e6)


for _fault in (
    *("PSA gone", "PSA gone for a day", "PSA silent", "5xx", "5xx only", "reset", "hung up"),
    *("disk full", "database locked", "database gone"),
):
    BUGS.append(Bug(f"nothing is tried again after: {_fault}", "healthy", _gives_up, frozenset({_fault})))


@_bug("a webhook that could not be kept is said to be", "webhooks_kept", "database locked")
@_bug("a webhook that found no room is said to be kept", "webhooks_kept", "disk full", steps=1000)
def _lies(patch: pytest.MonkeyPatch) -> None:
    real = Hooks._keep

    async def keep(hooks: Hooks, name: str, hints: Sequence[Any]) -> Any:
        found = await real(hooks, name, hints)
        return "accepted" if found == "unavailable" else found

    patch.setattr(Hooks, "_keep", keep)


@_bug("a webhook that comes twice is an error", "door_answers", "duplicate")
def _twice(patch: pytest.MonkeyPatch) -> None:
    real, known = inbox.put, set[str]()

    async def put(tx: Any, conn: str, hints: Sequence[Any], at: Any) -> int:
        for hint in hints:
            if hint.deliver_id in known:
                raise ValueError(f"{hint.deliver_id} is there already")
            known.add(hint.deliver_id)
        return await real(tx, conn, hints, at)

    patch.setattr(inbox, "put", put)


@_bug("a webhook older than the last is thrown away", "webhooks_kept", "reorder", vendor="autotask")
def _in_order(patch: pytest.MonkeyPatch) -> None:
    real, latest = Hooks._keep, dict[str, int]()

    async def keep(hooks: Hooks, name: str, hints: Sequence[Any]) -> Any:
        for hint in hints:
            hook, _, number = hint.deliver_id.rpartition(":")
            if int(number) < latest.get(hook, 0):
                return "ignored"
            latest[hook] = int(number)
        return await real(hooks, name, hints)

    patch.setattr(Hooks, "_keep", keep)


@_bug("nobody polls: webhooks tell everything", "flags_right", "lost", lost=0.9)
def _no_poll(patch: pytest.MonkeyPatch) -> None:
    async def poll(*_: Any) -> None: ...

    patch.setattr(observe, "_poll", poll)


@_bug("a list is believed that is older than what we know", "writes_explained", "lists lag", steps=1500)
def _believes_lists(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(marks, "is_older", lambda *_: False)


@_bug("a clock that was ahead is not noticed", "flags_right", "clock forward")
def _clock_ahead(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(clockset, "set_back", lambda *_: False)


_FRIDAY: dict[str, Any] = {
    "start": datetime(2026, 11, 20, 10, tzinfo=UTC),
    "poll_every": 1800.0,
    "trouble": 0.004,
}


@_bug("Saturday and Sunday are working days", "flags_right", "weekend", **_FRIDAY)
def _no_weekend(patch: pytest.MonkeyPatch) -> None:
    real, every_day = assess.assess, {day: [("08:00", "18:00")] for day in WEEKDAYS}

    def wrong(ticket: Any, events: Any, policy: Policy, now: datetime, **named: Any) -> Any:
        calendar = WorkCalendar(policy.calendar.timezone, every_day)
        targets = {name: replace(target, calendar=calendar) for name, target in policy.targets.items()}
        return real(ticket, events, replace(policy, calendar=calendar, targets=targets), now, **named)

    patch.setattr(assess, "assess", wrong)


@_bug("what cannot be understood is thrown away", "quarantine_exact", "poisoned ticket")
def _no_quarantine(patch: pytest.MonkeyPatch) -> None:
    async def put(*_: Any) -> None: ...

    patch.setattr(quarantine, "put", put)


@_bug("what is understood again stays set aside", "quarantine_exact", "poisoned ticket", steps=800)
def _for_ever(patch: pytest.MonkeyPatch) -> None:
    async def clear(*_: Any) -> None: ...

    patch.setattr(quarantine, "clear", clear)


@_bug("a bad edit takes the rules away", "rules_kept", "bad YAML")
def _no_rules(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ClientBook, "keeping", lambda book, _before: book)


@_bug("a second change of the rules is not noticed", "rules_in_force", "other rules")
def _one_change(patch: pytest.MonkeyPatch) -> None:
    real, taken = Rules.reload, list[bool]()

    async def reload(rules: Rules) -> bool:
        if taken or not await real(rules):
            return False
        taken.append(True)
        return True

    patch.setattr(Rules, "reload", reload)


@_bug("other rules count for what changes after them only", "rules_in_force", "other rules")
def _not_judged_anew(patch: pytest.MonkeyPatch) -> None:
    async def nothing(_tx: Any, c: Any) -> list[str]:
        c.rules_seen = c.rules()
        return []

    patch.setattr("connector.daemon.turn._under_old_rules", nothing)


@_bug("a write that failed is put off for ever", "nothing_owed", "write hung up")
def _put_off(patch: pytest.MonkeyPatch) -> None:
    real = outbox.postpone

    async def postpone(*given: Any, error: str, not_before: datetime) -> None:
        await real(*given, error=error, not_before=not_before + timedelta(days=9))

    patch.setattr(outbox, "postpone", postpone)


@_bug("what happened after our clock's time is never believed", "flags_right", "clock back", vendor="halo")
def _only_the_past(patch: pytest.MonkeyPatch) -> None:
    real, refused = events.merge, set[tuple[str, str]]()

    async def merge(tx: Any, conn: str, facts: Any, **more: Any) -> set[str]:
        limit = datetime.now(UTC) + timedelta(seconds=5)
        refused.update((ticket, event.key) for ticket, event in facts if event.at > limit)
        return await real(tx, conn, [one for one in facts if (one[0], one[1].key) not in refused], **more)

    patch.setattr(events, "merge", merge)


@_bug("an answer cut short is not asked for again", "quarantine_exact", "cut short", vendor="halo")
def _cut_short(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(quarantine, "EARLY", timedelta(0))
