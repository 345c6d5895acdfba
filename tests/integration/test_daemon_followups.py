"""An unhappy customer nobody answers in time: the manager is told on the ticket, once, and nobody else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.psa.tongues import TONGUES
from tests.integration.test_daemon_contract import rated
from tests.kit import Office

LOOP = {"deadline": "1h", "owner": None, "manager": "Maria Chief"}


def told(o: Office, ticket: int) -> list[str]:
    return [post.text for post in o.world.posts(ticket) if "Maria Chief" in post.text]


@pytest.mark.parametrize("vendor", TONGUES)
async def test_a_late_follow_up_is_told_to_the_manager_once(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rated(tmp_path, vendor, monkeypatch, loop=LOOP) as (o, numbers):
        sad, happy = numbers[:2]
        o.world.rate(sad, 1)
        o.world.rate(happy, 5)
        await o.later(minutes=20)
        assert told(o, sad) == [], "there is still time"
        for _ in range(6):
            await o.later(minutes=20)
        (note,) = told(o, sad)
        assert "this customer was unhappy and nobody has answered in time" in note
        assert not any(post.visible for post in o.world.posts(sad) if post.text == note)
        assert told(o, happy) == []


async def test_without_a_manager_nobody_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loop = {**LOOP, "manager": None}
    async with rated(tmp_path, "connectwise", monkeypatch, loop=loop) as (o, numbers):
        o.world.rate(numbers[0], 1)
        for _ in range(7):
            await o.later(minutes=20)
        assert not any("unhappy" in post.text for post in o.world.posts(numbers[0]))
