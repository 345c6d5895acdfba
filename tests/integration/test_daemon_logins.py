"""Refused logins outlive a restart: how often the same one may be tried, and what is no reason to wait."""

from __future__ import annotations

import os
import threading
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
import structlog

from connector.daemon import logins
from connector.daemon.connection import Connection
from connector.daemon.health import Health
from connector.errors import AuthFailed
from connector.store import refusals
from connector.store.store import Store
from tests.sqlite import connecting_is_over

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WRONG = AuthFailed("the PSA refuses our login")


class Desk:
    """A connection of which only the name, the settings' fingerprint, the store and the clock matter."""

    def __init__(self, store):
        self.now = NOON
        self.connection = Connection(
            "main", None, store, Health(), lambda: None, lambda: self.now, fingerprint=lambda: "f1"
        )

    async def tries(self, *after):
        """Whether a login may be tried after each of these times; every one that may be is refused."""
        found = []
        for by in after:
            self.now += timedelta(**by)
            try:
                await logins.permitted(self.connection)
            except logins.Held as held:
                await logins.refused(self.connection, held)
                found.append(False)
            else:
                await logins.refused(self.connection, WRONG)
                found.append(True)
        return found


@asynccontextmanager
async def desk():
    store = await Store.open("sqlite://")
    try:
        yield Desk(store)
    finally:
        await store.close()


async def test_the_same_login_is_tried_twice_then_after_an_hour_then_once_a_day():
    async with desk() as d:
        second = {"seconds": 5}
        assert await d.tries({}, second, second, second) == [True, True, False, False]
        assert await d.tries({"minutes": 59}, {"minutes": 1}, {"hours": 1}) == [False, True, False]
        assert await d.tries({"hours": 22}, {"hours": 1}, {"hours": 23}) == [False, True, False]
        with pytest.raises(AuthFailed, match=r"refused 4 times in a row.*restart after 2026-11-22 13:"):
            await logins.permitted(d.connection)


async def test_other_settings_and_an_accepted_login_begin_anew():
    async with desk() as d:
        assert await d.tries({}, {}, {}) == [True, True, False]
        d.connection.fingerprint = lambda: "f2"
        assert await d.tries({}, {}, {}) == [True, True, False]
        await logins.accepted(d.connection)
        assert await d.tries({}, {}, {}) == [True, True, False]


async def test_a_clock_that_was_set_back_keeps_nobody_out():
    async with desk() as d:
        assert await d.tries({"days": 3000}, {}, {}) == [True, True, False]
        assert await d.tries({"days": -3000}) == [True]


async def test_a_store_in_trouble_is_said_and_stops_nothing():
    before = threading.enumerate()
    async with desk() as d:
        await d.connection.store.close()
        file = d.connection.store.name
        os.makedirs(file)
        with structlog.testing.capture_logs() as said:
            await logins.refused(d.connection, WRONG)
        assert [line["event"] for line in said] == ["refused login not remembered"]
        os.rmdir(file)
        await connecting_is_over(before)


async def test_what_is_kept_reads_back_and_holds_no_secret():
    async with desk() as d:
        await logins.refused(d.connection, WRONG)
        async with d.connection.store.read() as tx:
            kept = await refusals.get(tx, "main")
            assert await refusals.get(tx, "other") is None
        assert kept == refusals.Refused("f1", 1, NOON, str(WRONG))
