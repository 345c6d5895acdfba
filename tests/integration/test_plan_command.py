"""`plan` as the person uses it who runs the service desk: look, confirm what the guard holds back, close."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connector.cli import app
from connector.store import audit, contracts, errands
from tests.integration.test_daemon_contract import own, rated, summaries, words
from tests.integration.test_daemon_vendors import desk
from tests.kit import Office, client_file


async def say(o: Office, *arguments: str, code: int = 0) -> str:
    """What the command says, in a thread of its own, as if in a process of its own."""
    runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"})
    whole = ["plan", *arguments, "--config", str(o.folder)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("connector.cli.plan._now", o.world.now)
        done = await asyncio.to_thread(runner.invoke, app, whole)
    assert done.exit_code == code, done.output
    return " ".join((done.stdout if code == 0 else done.stderr).split())


async def state(o: Office) -> dict[str, Any]:
    (found,) = json.loads(await say(o, "list", "--json"))
    return dict(found)


async def unlucky(o: Office, numbers: list[int]) -> None:
    """Five answers, one of them unhappy: below 95 %, and chance could explain it."""
    for place, ticket in enumerate(numbers[:5]):
        o.world.rate(ticket, 5 if place else 1)
    await o.poll()
    await o.later(minutes=16)


async def test_a_guarded_plan_opens_when_a_person_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rated(tmp_path, "connectwise", monkeypatch) as (o, numbers):
        assert (await state(o))["plan_waits"] is False
        await say(o, "confirm", "Acme Dental", "--by", "Dana", code=1)
        await unlucky(o, numbers)
        assert [one.partition(":")[0] for one in summaries(o)] == ["Service review"]
        assert "held back" in await say(o, "list")
        assert (await state(o))["plan_waits"] is True
        said = await say(o, "confirm", "acme dental", "--by", "Dana", "--why", "agreed in the review")
        assert "improvement plan of Acme Dental opens" in said
        await o.later(minutes=16)
        assert len(own(o)) == 4
        assert "Dana has decided so: agreed in the review." in words(o, own(o)[1])
        found = await state(o)
        assert (found["plan_confirmed_by"], found["plan_waits"]) == ("Dana", False)
        assert found["plan_until"] > found["plan_since"]
        await say(o, "confirm", "Acme Dental", "--by", "Dana", code=1)
        await o.later(minutes=16)
        assert len(own(o)) == 4


async def test_a_review_is_closed_by_hand_and_its_ticket_says_by_whom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rated(tmp_path, "connectwise", monkeypatch) as (o, numbers):
        await unlucky(o, numbers)
        await say(o, "close-review", "Acme Dental", "--by", "Dana", "--why", "held on Friday")
        await o.later(minutes=16)
        (review,) = own(o)
        assert "The review is over by Dana (held on Friday)." in words(o, review)
        found = await state(o)
        assert (found["review_since"], found["plan_waits"]) == (None, True)
        assert "no review is open" in await say(o, "close-review", "Acme Dental", "--by", "Dana", code=1)
        await o.later(60 * 24)
        assert len(own(o)) == 1, "none opens again before PX was at its target"


async def test_a_right_to_leave_is_ended_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with rated(tmp_path, "connectwise", monkeypatch, px={"plan": "strict"}) as (o, numbers):
        assert "no right to leave is active" in await say(
            o, "end-release", "Acme Dental", "--by", "D", code=1
        )
        await unlucky(o, numbers)
        o.world.advance(timedelta(days=60))
        for ticket in numbers[5:]:
            o.world.rate(ticket, 1)
        await o.later(minutes=16)
        await o.later(60 * 24 * 31)
        assert (await state(o))["release_since"] is not None
        await say(o, "end-release", "Acme Dental", "--by", "Dana")
        async with o.connector.store.read() as tx:
            contract = await contracts.load(tx, "main", "Acme Dental")
        assert contract is not None
        assert contract.release is None
        await o.later(minutes=16)
        assert "right to leave has ended by Dana" in words(o, own(o)[1])


async def test_what_the_psa_refused_is_listed_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rated(tmp_path, "connectwise", monkeypatch) as (o, numbers):
        post = o.connection.psa._session.api.post

        async def refuse(path: str, body: Any) -> Any:
            return await post(path, body | {"board": {"id": 999}})

        o.connection.psa._session.api.post = refuse
        await unlucky(o, numbers)
        assert own(o) == []
        (refused,) = (await state(o))["refused"]
        assert "999" in refused["why"]
        assert "refused by main: Service review" in await say(o, "list")
        o.connection.psa._session.api.post = post
        told_at = o.world.now()
        assert "tried again: 1" in await say(o, "retry", "Acme Dental")
        await o.later(minutes=1)
        assert len(own(o)) == 1
        async with o.connector.store.read() as tx:
            assert {e.state for e in await errands.listed(tx)} == {"done"}
            (deed, _waiver) = await audit.latest(tx)
        assert (deed.what, deed.by.role, deed.at) == ("errand tried again", "command line", told_at)
        assert deed.by.name


async def test_wrong_names_and_a_missing_person_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path, "connectwise", monkeypatch, client_file("Acme Dental")) as o:
        told = await say(o, "close-review", "Acme Dentist", "--by", "Dana", code=1)
        assert "no client is called 'Acme Dentist'; there are: Acme Dental" in told
        assert "--by" in await say(o, "confirm", "Acme Dental", code=2)
        assert "--by" in await say(o, "confirm", "Acme Dental", "--by", " ", code=2)
