"""The whole daemon tells people: once an episode, not in quiet hours, and no clock ever hears of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from connector.daemon.notices.letter import letter
from connector.daemon.notices.told import tell
from connector.settings import load_settings
from connector.store import notices
from connector.store.notices import Notice, Sending
from tests.kit import Office, client_file, office, write_client
from tests.receiver import Receiver, receiver

MISSED = {"at_once": {"missed": ["ops"], "release": ["ops"], "review_opened": ["ops"]}}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY_OF_TEST", "0123456789abcdef")


@asynccontextmanager
async def telling(
    folder: Path, monkeypatch: pytest.MonkeyPatch, rule: dict[str, Any], **rules: Any
) -> AsyncIterator[tuple[Office, Receiver]]:
    """An office that tells of its one client on the channel `ops`, started."""
    async with receiver() as out, office(folder, clients=()) as o:
        monkeypatch.setenv("URL_OF_TEST", out.url)
        hook = {"kind": "webhook", "url": {"env": "URL_OF_TEST"}, "secret": {"env": "KEY_OF_TEST"}}
        channels = {"ops": {**hook, "allow_private": True}}
        monkeypatch.setattr("tests.kit.load_settings", _with_channels(channels))
        write_client(folder, client_file("Acme Dental", notify=rule, **rules))
        await o.start()
        yield o, out


def _with_channels(channels: dict[str, Any]) -> Any:
    """`load_settings` of a folder after the channels have been written into its connector.yaml."""

    def load(folder: Path) -> Any:
        path = folder / "connector.yaml"
        written = yaml.safe_load(path.read_text("utf-8"))
        operators = {"at_once": {"connection_stopped": ["ops"]}}
        written["notify"] = {"channels": channels, "operators": operators}
        path.write_text(yaml.safe_dump(written), encoding="utf-8")
        return load_settings(folder)

    return load


def trace_of(told: dict[str, Any]) -> str:
    """What a PSA makes of the mail that tells this, if it reads the mailbox it went to."""
    at = datetime.fromisoformat(told["at"])
    said = {key: str(told[key] or "") for key in ("line", "summary", "bucket")}
    notice = Notice(
        id=told["id"],
        conn="main",
        client=told["client"],
        subject=told["ticket"],
        ticket_id=told["ticket"],
        event=told["event"],
        channel="boss",
        at=at,
        state="put",
        said=said,
    )
    sending = Sending(id="s1", channel="boss", kind="notice", since=at, not_before=at)
    mail = letter(tell(sending, [notice]), "Desk <desk@our-msp.example>", ["dispatch@our-msp.example"])
    return f"Subject: {mail['Subject']}\n\n{mail.get_content()}"


async def pass_time(o: Office, minutes: float, times: int = 1) -> None:
    for _ in range(times):
        await o.later(minutes=minutes)
        await o.connector.notifier.round()


async def test_a_missed_promise_is_told_once_and_no_clock_hears_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with telling(tmp_path, monkeypatch, MISSED) as (o, out):
        number = o.world.open_ticket("Acme Dental", "Printer down <!here>", text="No ink at all.")
        await pass_time(o, 32, times=4)
        (message,) = out.messages
        (told,) = message["notices"]
        assert (told["event"], told["bucket"], told["ticket"]) == ("missed", "response", str(number))
        assert told["summary"] == "Printer down <!here>"
        assert told["line"].startswith("no answer counted yet; was due 20 Nov 10:")
        assert [post.text for post in o.world.posts(number)] == ["No ink at all."], "nothing on the ticket"
        assert o.flags(number)["zone"] == "red", "it is as late as before anybody was told"
        o.world.post(number, "dmoore", trace_of(told))
        await o.restart()
        await pass_time(o, 20, times=2)
        assert len(out.got) == 1, "the same episode over a restart"
        assert "felt_response" not in o.flags(number), (
            "a notice that the PSA files as the desk's is no answer"
        )
        o.world.post(number, "dmoore", "The fuser is broken. I have ordered part 4711 and fit it at 15:30.")
        await pass_time(o, 1)
        assert "felt_response" in o.flags(number)


async def test_what_was_late_before_anybody_was_to_be_told_is_no_news(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with telling(tmp_path, monkeypatch, {}) as (o, out):
        old = o.world.open_ticket("Acme Dental", "Old", text="It is broken.")
        await pass_time(o, 70)
        write_client(tmp_path, client_file("Acme Dental", notify=MISSED))
        await o.connector.rules.reload()
        new = o.world.open_ticket("Acme Dental", "New", text="It is broken, too.")
        await pass_time(o, 1)
        await pass_time(o, 130, times=2)
        assert {one["ticket"] for message in out.messages for one in message["notices"]} >= {str(new)}
        told_of_old = [
            one["bucket"] for m in out.messages for one in m["notices"] if one["ticket"] == str(old)
        ]
        assert "response" not in told_of_old
        async with o.connector.store.read() as tx:
            quiet = [notice for notice, _ in await notices.listed(tx, state="suppressed")]
        assert {one.why for one in quiet} == {"so before this channel was told of it"}


async def test_at_night_it_waits_for_one_digest_in_the_morning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    around = {"response": "1h", "calendar": "24x7"}
    rule = {"at_once": {"missed": ["ops"]}, "hours": {"mon-sun": ["08:00-20:00"]}}
    targets = {"*": around}
    async with telling(tmp_path, monkeypatch, rule, targets=targets) as (o, out):
        o.world.set_time(datetime(2026, 11, 20, 22, 0, tzinfo=UTC))
        for subject in ("A", "B", "C"):
            o.world.open_ticket("Acme Dental", subject, text="It is broken.")
        await pass_time(o, 65)
        assert out.got == []
        await pass_time(o, 300, times=2)
        (digest,) = out.messages
        assert digest["type"] == "digest"
        assert digest["title"] == "3 notices: 3 missed"


async def test_those_who_run_it_are_told_of_refused_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with telling(tmp_path, monkeypatch, {}) as (o, out):
        o.sim.faults.auth = "401"
        await o.later(minutes=2)
        await o.until(lambda: o.health.state == "stopped")
        await pass_time(o, 1)
        (message,) = out.messages
        assert message["title"] == "px-connector: connection stopped"
        assert "needs a person" in message["notices"][0]["line"]
