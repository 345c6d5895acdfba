"""A write that was broken off after the PSA took it: its record is made up for, and it is not made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.daemon import write
from connector.errors import Unavailable
from connector.psa.connectwise.adapter import ConnectWise
from connector.psa.port import Written
from connector.simulator import Exchange
from connector.store import history, strangers
from tests.kit import Office, office


async def _broken_off(o: Office, monkeypatch: pytest.MonkeyPatch, after: timedelta = timedelta()) -> int:
    """A ticket whose flags were written `after` a while by a daemon that died before it kept that."""
    ticket = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
    o.world.advance(after)

    async def dies(*_: Any) -> None:
        raise Unavailable("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(write, "_settle", dies)
        await o.start(wait=False)
        await o.until(lambda: bool(o.flags(ticket)))
        await o.stop()
    return ticket


async def test_the_history_tells_a_write_whose_record_was_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path) as o:
        ticket = await _broken_off(o, monkeypatch)
        await o.start()
        async with o.connector.store.read() as tx:
            told = {one.flag: one for one in await history.of(tx, "main", str(ticket))}
            strange = await strangers.of(tx, "main", [str(ticket)], o.world.start)
        assert strange == {}
        assert {flag: one.new for flag, one in told.items()} == {
            flag: str(value) for flag, value in o.flags(ticket).items()
        }
        assert all("response" in one.reason for one in told.values())


async def test_it_is_not_made_again_though_the_lists_do_not_show_it_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = ConnectWise.read_flags

    async def lagging(psa: ConnectWise, ids: Sequence[str]) -> Mapping[str, Written]:
        found = await read(psa, ids)
        return found if len(ids) == 1 else {key: replace(shown, flags={}) for key, shown in found.items()}

    async with office(tmp_path) as o:
        o.world.open_ticket("Globex", "Screen dark", text="The screen stays dark.")
        ticket = await _broken_off(o, monkeypatch, after=timedelta(minutes=5))
        written = o.written()
        assert len({one[0] for one in written}) == 2
        o.sim.faults.set("stale_lists", 60.0)
        o.world.advance(timedelta(seconds=5))
        monkeypatch.setattr(ConnectWise, "read_flags", lagging)
        asked: list[Exchange] = []
        o.sim._tap = asked.append
        await o.start()
        assert o.written() == written
        assert not [one for one in asked if one.method == "PATCH" and f"/{ticket}" in one.path]
