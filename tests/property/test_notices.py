"""Whatever comes and goes, each episode is told once or listed with the reason why not; nothing is lost.

Real tables, pretend time: subjects flap, quiet hours and caps hold things back, digests collect them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.daemon.notices.notifier import BEFORE_TOLD, make_digests
from connector.daemon.notices.placing import Placing
from connector.rules.notices import DAMPED, Begun, Condition, EventName, NotifyRule
from connector.rules.noticetimes import HOUR
from connector.store import notices
from connector.store.notices import Notice, Sending
from connector.store.store import Store
from tests.unit.desk import BERLIN, DESK

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
EVENTS: tuple[EventName, ...] = ("missed", "at_risk", "red")
SO = st.frozensets(st.sampled_from(EVENTS))
STEP = st.tuples(st.sampled_from(["1", "2", "3"]), SO, st.sampled_from([1, 7, 29, 30, 31, 200, 700]))
CHANNELS = st.dictionaries(st.sampled_from(EVENTS), st.sampled_from([("a",), ("b",), ("a", "b")]), max_size=3)
COLLECTED = st.dictionaries(st.sampled_from(EVENTS), st.just(("c",)), max_size=3)
RULES = st.builds(
    NotifyRule,
    at_once=CHANNELS,
    digest=COLLECTED,
    digest_minute=st.sampled_from([None, 8 * 60]),
    hours=st.sampled_from(["always", "working_hours", DESK]),
)
CAPS = st.fixed_dictionaries({"a": st.sampled_from([1, 3, None]), "b": st.just(20), "c": st.just(1)})


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    opened = await Store.open("sqlite://")
    yield opened
    await opened.close()


def begun_at(subject: str, now: datetime, begun: Begun) -> Notice:
    return Notice(
        id="",
        conn="main",
        client="Acme",
        subject=subject,
        ticket_id=subject,
        event=begun.condition.event,
        key=begun.condition.key,
        channel=begun.channel,
        at=now,
        state="held",
    )


class Life:
    """What was so when, beside what was decided of it."""

    def __init__(self, tx: AsyncConnection, rule: NotifyRule, caps: dict[str, int | None]) -> None:
        self.tx, self.rule, self.caps, self.now = tx, rule, caps, START
        self.so: dict[str, frozenset[EventName]] = {}
        self.ended: dict[tuple[str, EventName], datetime] = {}
        self.begun: Counter[tuple[str, EventName, str]] = Counter()
        self.told: list[tuple[Sending, list[Notice]]] = []

    async def step(self, subject: str, so: frozenset[EventName], minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self._expect(subject, so)
        placing = Placing(self.tx, self.caps, self.now)
        known = (await notices.known(self.tx, "main", [subject])).get(subject, [])
        await placing.look(
            [Condition(event=event) for event in sorted(so)],
            known,
            self.rule,
            DESK,
            BERLIN,
            lambda begun: begun_at(subject, self.now, begun),
        )
        await placing.keep()
        await self.send()

    def _expect(self, subject: str, so: frozenset[EventName]) -> None:
        """An episode begins where something is so that was not, and was not until just now."""
        was = self.so.get(subject, frozenset())
        for event in so - was:
            ended = self.ended.get((subject, event))
            if ended is None or self.now - ended >= DAMPED:
                for channel, _ in self.rule.channels(event):
                    self.begun[subject, event, channel] += 1
        for event in was - so:
            self.ended[subject, event] = self.now
        self.so[subject] = so

    async def send(self) -> None:
        await make_digests(self.tx, self.now)
        for sending in await notices.owed(self.tx, self.now, 10_000):
            self.told.append((sending, await notices.told_by(self.tx, sending.id)))
            await notices.sent(self.tx, sending.id, self.now)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rule=RULES, caps=CAPS, steps=st.lists(STEP, max_size=25))
async def test_each_episode_is_told_once_or_listed_with_its_reason(
    store: Store,
    rule: NotifyRule,
    caps: dict[str, int | None],
    steps: list[tuple[str, frozenset[EventName], int]],
) -> None:
    async with store.begin() as tx:
        life = Life(tx, rule, caps)
        for step in steps:
            await life.step(*step)
        life.now += timedelta(days=9)
        await life.send()
        every = [notice for notice, _ in await notices.listed(tx, limit=10_000)]
        await tx.rollback()
    assert Counter((one.subject, one.event, one.channel) for one in every) == life.begun
    told = Counter(notice.id for _, notes in life.told for notice in notes)
    assert set(told.values()) <= {1}
    for one in every:
        assert (one.id in told) is (one.state == "put")
        assert one.state in ("put", "suppressed"), "nothing is held for ever"
        assert one.state == "put" or (one.why == BEFORE_TOLD and one.event != "missed")
    _in_time(life)


def _in_time(life: Life) -> None:
    """At once never in quiet hours and never more than the cap; a digest never in quiet hours either."""
    for sending, notes in life.told:
        assert notes
        assert len({(note.subject, note.at) for note in notes}) == 1 or sending.kind == "digest"
        if sending.kind == "notice" and life.rule.hours != "always":
            assert DESK.add(sending.since, timedelta()) == sending.since
        if sending.kind == "digest":
            assert all(note.due_at is not None and note.due_at <= sending.since for note in notes)
    for channel, cap in life.caps.items():
        at = sorted(one.since for one, _ in life.told if one.channel == channel and one.kind == "notice")
        for index, since in enumerate(at):
            recent = [one for one in at[:index] if one > since - HOUR]
            assert cap is None or len(recent) < cap
