"""What was decided is sent at least once under one id, tried again with pauses, shown when given up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from connector.clients import ClientBook
from connector.daemon.connection import Connection
from connector.daemon.health import Health
from connector.daemon.notices.decide import decide_contract
from connector.daemon.notices.notifier import GIVE_UP, KEPT, Notifier
from connector.daemon.notices.placing import Placing
from connector.daemon.notices.sending import Channels
from connector.model import PxFigure, Ticket
from connector.psa.port import Malformed, Psa
from connector.rules.contract import Happening
from connector.rules.contract.state import HappeningKind
from connector.rules.notices import EventName, NotifyRule
from connector.settings.asking import MailPart
from connector.settings.notify import ChannelPart
from connector.store import breaches, notices, outbox, quarantine, tickets
from connector.store.breaches import Breach
from connector.store.notices import Notice
from connector.store.store import Store
from connector.store.tickets import StoredTicket
from tests.integration.test_survey_command import PostOffice
from tests.receiver import Receiver, receiver
from tests.unit.desk import BERLIN, DESK, POLICY

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
AT_ONCE = NotifyRule(at_once={"missed": ("hook", "chat")})
COLLECTED = NotifyRule(digest={"missed": ("hook",), "at_risk": ("hook",)}, digest_minute=None)


class Killed(BaseException):
    """As a power cut: nothing of ours runs after it."""


@dataclass
class Desk:
    """A store, a notifier, the addresses it sends to, and a clock that stands still."""

    store: Store
    out: Receiver
    health: Health
    channels: dict[str, ChannelPart]
    operators: NotifyRule = field(default_factory=NotifyRule)
    mail: MailPart | None = None
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        channels = Channels(self.channels, self.mail)
        self.notifier = Notifier(self.store, self.health, channels, self.operators, lambda: self.now)

    async def decide(self, rule: NotifyRule, event: EventName = "missed", ticket: str = "7") -> None:
        async with self.store.begin() as tx:
            placing = Placing(tx, Channels(self.channels, None).caps, self.now)
            for channel, at_once in rule.channels(event):
                await placing.add(told(event, channel, ticket, self.now), rule, DESK, BERLIN, at_once=at_once)
            await placing.keep()

    async def later(self, **by: float) -> int:
        self.now += timedelta(**by)
        return await self.notifier.round()

    async def counts(self) -> dict[tuple[str, str], int]:
        async with self.store.read() as tx:
            return await notices.counts(tx)


def told(event: EventName, channel: str, ticket: str, at: datetime) -> Notice:
    said = {"line": "no answer counted yet", "summary": "Printer down", "bucket": "response"}
    return Notice(
        id="",
        conn="main",
        client="Acme",
        subject=ticket,
        ticket_id=ticket,
        event=event,
        channel=channel,
        at=at,
        state="held",
        said=said,
    )


def channel(**keys: Any) -> ChannelPart:
    return ChannelPart.model_validate({"url": {"env": "URL_OF_TEST"}, "allow_private": True, **keys})


@pytest.fixture
async def desk(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    store = await Store.open("sqlite://")
    async with store.begin() as tx:
        still_open = [Ticket(id=str(number), opened_at=NOW) for number in range(10)]
        await tickets.put(tx, "main", [StoredTicket(ticket=one, version="1") for one in still_open])
    async with receiver() as out:
        monkeypatch.setenv("URL_OF_TEST", out.url)
        monkeypatch.setenv("KEY_OF_TEST", "0123456789abcdef")
        hook = channel(kind="webhook", secret={"env": "KEY_OF_TEST"}, per_hour=2)
        yield Desk(store, out, Health(), {"hook": hook, "chat": channel(kind="slack")})
    await store.close()


async def test_it_is_sent_once_on_each_channel(desk: Desk) -> None:
    await desk.decide(AT_ONCE)
    assert await desk.later() == 2
    assert await desk.later(minutes=10) == 0
    signed, chat = sorted(desk.out.got, key=lambda one: "webhook-id" not in one[1])
    assert signed[1]["content-type"] == "application/json"
    assert signed[1].keys() >= {"webhook-id", "webhook-timestamp", "webhook-signature"}
    assert b"rich_text" in chat[2]
    assert not chat[1].keys() & {"webhook-signature", "authorization", "cookie"}
    assert await desk.counts() == {("hook", "sent"): 1, ("chat", "sent"): 1}


async def test_what_did_not_get_through_is_tried_again_under_the_same_id(desk: Desk) -> None:
    desk.out.answers = [(500, {}), (302, {"location": "http://127.0.0.1:1/elsewhere"})]
    await desk.decide(NotifyRule(at_once={"missed": ("hook",)}))
    with capture_logs() as logs:
        assert await desk.later() == 0
        assert await desk.later(seconds=59) == 0
        assert len(desk.out.got) == 1, "it waits a minute first"
        assert await desk.later(seconds=1) == 0
        assert await desk.later(minutes=2) == 1
    assert len({headers["webhook-id"] for _, headers, _ in desk.out.got}) == 1
    assert len({body for _, _, body in desk.out.got}) == 1
    assert [entry["event"] for entry in logs] == ["notice waits"], "an outage is said once"
    assert "secret" not in str(logs)


async def test_a_channel_that_fails_is_left_alone_and_holds_up_no_other(desk: Desk) -> None:
    broken = channel(kind="teams", allow_private=False)
    desk.channels = {**desk.channels, "broken": broken}
    desk.restart()
    for ticket in "1234":
        await desk.decide(NotifyRule(at_once={"missed": ("broken", "chat")}), ticket=ticket)
    assert await desk.later() == 4
    for _ in range(5):
        assert await desk.later(seconds=2) == 0
    async with desk.store.read() as tx:
        tried = [sending for _, sending in await notices.listed(tx) if sending and sending.attempts]
    (one,) = tried
    assert one.channel == "broken"
    said = "environment variable URL_OF_TEST cannot be used: a loopback or private address is refused; "
    assert one.error == said + "if it is meant, set allow_private: true"


async def test_what_queued_up_behind_a_failure_comes_as_one_digest(desk: Desk) -> None:
    rule = NotifyRule(at_once={"missed": ("chat",)})
    desk.channels["chat"] = desk.channels["hook"].model_copy(update={"per_hour": None})
    desk.restart()
    desk.out.answers = [(500, {})] * 3
    for ticket in "12345":
        await desk.decide(rule, ticket=ticket)
        desk.now += timedelta(seconds=1)
    assert await desk.later() == 0
    await desk.decide(rule, ticket="6")
    assert await desk.later(minutes=1) == 0
    await desk.decide(rule, ticket="7")
    assert await desk.later(minutes=2) == 0
    assert await desk.later(minutes=4) == 2
    (*tries, digest) = desk.out.messages
    assert {message["notices"][0]["ticket"] for message in tries} == {"1"}
    assert (digest["type"], [one["ticket"] for one in digest["notices"]]) == ("digest", list("234567"))
    assert await desk.counts() == {("chat", "sent"): 7}


async def test_patience_that_is_asked_for_is_given(desk: Desk) -> None:
    desk.out.answers = [(429, {"retry-after": "600"})]
    await desk.decide(NotifyRule(at_once={"missed": ("hook",)}))
    await desk.later()
    assert await desk.later(minutes=9) == 0
    assert await desk.later(minutes=2) == 1


async def test_after_so_many_attempts_it_is_given_up_shown_and_tried_again_when_a_person_says_so(
    desk: Desk,
) -> None:
    desk.out.answers = [(404, {})] * GIVE_UP
    await desk.decide(NotifyRule(at_once={"missed": ("hook",)}))
    with capture_logs() as logs:
        for _ in range(GIVE_UP):
            await desk.later(hours=3)
    assert await desk.counts() == {("hook", "dead"): 1}
    assert [entry["event"] for entry in logs] == ["notice waits", "notice given up"]
    async with desk.store.begin() as tx:
        ((_, sending),) = await notices.listed(tx, state="dead")
        assert sending is not None
        assert sending.error == "127.0.0.1: 404"
        assert await notices.retry(tx, sending.id)
        assert not await notices.retry(tx, sending.id), "it is owed again already"
    assert await desk.later(hours=3) == 1
    assert await desk.counts() == {("hook", "sent"): 1}


async def test_killed_between_decision_and_sending_nothing_is_lost(desk: Desk) -> None:
    await desk.decide(AT_ONCE)
    await desk.decide(COLLECTED, "at_risk", "8")
    desk.restart()
    assert await desk.later() == 2
    desk.restart()
    assert await desk.later(hours=1) == 1
    assert await desk.counts() == {("hook", "sent"): 2, ("chat", "sent"): 1}


async def test_killed_after_it_was_taken_and_before_we_knew_it_comes_again_under_its_id(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.decide(NotifyRule(at_once={"missed": ("hook",)}))

    async def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(notices, "sent", killed)
        with pytest.raises(Killed):
            await desk.later()
    desk.restart()
    assert await desk.later(seconds=5) == 1
    first, second = desk.out.got
    assert first[1]["webhook-id"] == second[1]["webhook-id"]
    assert first[2] == second[2]


async def test_what_exceeds_the_measure_of_an_hour_comes_in_one_digest(desk: Desk) -> None:
    for ticket in "123456":
        await desk.decide(NotifyRule(at_once={"missed": ("hook",)}), ticket=ticket)
        desk.now += timedelta(minutes=1)
    await desk.later()
    assert [one["type"] for one in desk.out.messages] == ["notice", "notice"]
    await desk.later(hours=1)
    (digest,) = desk.out.messages[2:]
    assert digest["type"] == "digest"
    assert digest["title"] == "4 notices: 4 missed"
    assert [one["ticket"] for one in digest["notices"]] == ["3", "4", "5", "6"]


async def test_what_is_over_before_its_digest_is_listed_and_not_told(desk: Desk) -> None:
    await desk.decide(COLLECTED, "at_risk", "8")
    await desk.decide(COLLECTED, "missed", "9")
    async with desk.store.begin() as tx:
        known = await notices.known(tx, "main", ["8", "9"])
        await notices.over(tx, [one.id for rows in known.values() for one in rows], desk.now)
    desk.now += timedelta(seconds=1)
    await desk.later(hours=1)
    (digest,) = desk.out.messages
    assert [one["ticket"] for one in digest["notices"]] == ["9"]
    async with desk.store.read() as tx:
        ((quiet, _),) = await notices.listed(tx, state="suppressed")
    assert (quiet.ticket_id, quiet.why) == ("8", "over before it was told")


async def test_a_mail_goes_through_the_mail_server_of_the_settings(desk: Desk) -> None:
    with PostOffice() as post:
        settings = {"host": "127.0.0.1", "port": post.port, "tls": "none", "from": "Desk <d@our-msp.example>"}
        desk.mail = MailPart.model_validate(settings)
        desk.channels = {"boss": ChannelPart(kind="mail", to=["maria@our-msp.example"])}
        desk.restart()
        await desk.decide(NotifyRule(at_once={"missed": ("boss",)}))
        assert await desk.later() == 1
    (mail,) = post.taken
    assert mail["Subject"] == "[px] Acme: response missed"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert post.to == ["maria@our-msp.example"]


async def test_operators_are_told_once_of_a_connection_that_stopped_also_over_a_restart(desk: Desk) -> None:
    desk.operators = NotifyRule(at_once={"connection_stopped": ("chat",)})
    desk.health.add("main", "halo", NOW)
    desk.restart()
    for state in ("stopped", "starting", "stopped", "ok", "starting", "stopped"):
        desk.health.report("main", state, "login refused", desk.now)  # type: ignore[arg-type]
        await desk.later(hours=2)
    assert len(desk.out.got) == 2, "once, and once more after it had worked again"
    assert "main (halo) needs a person: login refused" in str(desk.out.messages[0])


async def test_operators_are_told_of_what_was_refused_and_not_understood(desk: Desk) -> None:
    desk.operators = NotifyRule(at_once={"dead_letter": ("chat",)}, digest={"quarantined": ("chat",)})
    desk.health.add("main", "halo", NOW)
    desk.restart()
    async with desk.store.begin() as tx:
        await outbox.owe(tx, "main", "7", {"zone": "red"}, "why", NOW)
        await outbox.bury(tx, "main", "7", error="the field is gone")
        await quarantine.put(tx, "main", [Malformed(ticket_id="9", reason="no id", body="{}")], NOW)
    for _ in range(4):
        await desk.later(minutes=1)
    assert len(desk.out.got) == 1
    assert "the field is gone" in str(desk.out.messages[0])
    await desk.later(hours=24)
    assert "no id" in str(desk.out.messages[1])


async def test_operators_are_told_once_of_what_the_auditor_found(desk: Desk) -> None:
    desk.operators = NotifyRule(at_once={"audit_breach": ("chat",)})
    desk.health.add("main", "halo", NOW)
    desk.restart()
    found = Breach(
        conn="main", invariant="flags", ticket_id="7", detail="shows red", first_at=NOW, last_at=NOW
    )
    for times in (1, 2, 3):
        async with desk.store.begin() as tx:
            await breaches.put(tx, [replace(found, times=times)])
        await desk.later(minutes=11)
    assert len(desk.out.got) == 1
    assert "the auditor found something wrong" in str(desk.out.messages[0])
    assert "shows red" in str(desk.out.messages[0])


async def test_what_was_told_long_ago_is_forgotten_and_what_goes_on_is_not(desk: Desk) -> None:
    rule = NotifyRule(at_once={"missed": ("hook",)})
    await desk.decide(rule, ticket="1")
    await desk.later()
    async with desk.store.begin() as tx:
        (gone,) = (await notices.known(tx, "main", ["1"]))["1"]
        await notices.over(tx, [gone.id], desk.now)
    await desk.decide(NotifyRule(at_once={"connection_stopped": ("hook",)}), "connection_stopped", "")
    await desk.later()
    await desk.later(days=KEPT.days + 2)
    async with desk.store.read() as tx:
        left = [notice.event for notice, _ in await notices.listed(tx)]
    assert left == ["connection_stopped"]


async def test_no_secret_and_no_address_stands_in_what_is_kept_or_logged(desk: Desk) -> None:
    desk.out.answers = [(500, {}), (301, {"location": desk.out.url}), (400, {}), (429, {})]
    with capture_logs() as logs:
        await desk.decide(AT_ONCE)
        for _ in range(6):
            await desk.later(hours=3)
    async with desk.store.read() as tx:
        kept = str([(notice, sending) for notice, sending in await notices.listed(tx)])
    for hidden in ("very-secret", "also-secret", "0123456789abcdef"):
        assert hidden not in kept + str(logs) + repr(desk.channels) + repr(desk.notifier)


async def test_a_defect_of_ours_is_said_once_and_is_not_the_end_of_the_daemon(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.daemon.notices.notifier.LOOK_EVERY", 0.001)
    rounds = 0

    async def broken() -> int:
        nonlocal rounds
        rounds += 1
        if rounds > 3:
            stop.set()
        raise LookupError("a defect")

    stop = asyncio.Event()
    monkeypatch.setattr(desk.notifier, "round", broken)
    with capture_logs() as logs:
        await desk.notifier.run(stop)
    assert [entry["event"] for entry in logs] == ["notices failed"]
    assert rounds == 4


async def test_it_ends_soon_although_a_message_hangs_and_sends_it_another_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.daemon.notices.notifier.FAREWELL", 0.01)
    await desk.decide(NotifyRule(at_once={"missed": ("hook",)}))
    under_way, stop = asyncio.Event(), asyncio.Event()

    async def hangs(*_: object) -> None:
        under_way.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr(Channels, "send", hangs)
        running = asyncio.create_task(desk.notifier.run(stop))
        await under_way.wait()
        stop.set()
        await asyncio.wait_for(running, 5)
    assert await desk.counts() == {("hook", "owed"): 1}
    assert await desk.later() == 1


async def test_reviews_plans_and_the_right_to_leave_are_told_once_each(desk: Desk) -> None:
    figure = PxFigure(percent=87.5, positive=7, neutral=0, negative=1, n=8)
    kinds: tuple[HappeningKind, ...] = ("review_opened", "plan_opened", "checkpoint", "plan_failed")
    happened = [Happening(kind=kind, at=desk.now, number=3, figure=figure) for kind in kinds]
    rule = NotifyRule(
        at_once={"review_opened": ("hook",), "release": ("hook",)}, digest={"plan_opened": ("hook",)}
    )
    c = Connection(
        name="main",
        psa=cast("Psa", None),
        store=desk.store,
        health=desk.health,
        clients=ClientBook,
        now=lambda: desk.now,
        channels=Channels(desk.channels, None).caps,
    )
    async with desk.store.begin() as tx:
        await decide_contract(tx, c, replace(POLICY, notify=rule), happened, desk.now)
    await desk.later()
    (message,) = desk.out.messages
    assert message["title"] == "Acme: right to leave: the improvement plan failed, service review opened"
    assert message["notices"][0]["line"] == "PX is 87 % of 8, promised 95 %"
    await desk.later(hours=24)
    assert desk.out.messages[1]["title"] == "1 notice: 1 plan opened"
