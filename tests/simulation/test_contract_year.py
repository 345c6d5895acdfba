"""Three hundred days of three clients through the whole daemon: what opens, opens on its day.

The oracle is written apart from the rules: PX counted by hand from the pretend PSA's own survey answers, the
exact test by SciPy.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from scipy import stats

from connector.rules.contract import Happening
from connector.store import contracts
from tests.kit import Office, office

DAYS = 300
FALL = 35
WINDOW = timedelta(days=90)
CLIENTS: dict[str, tuple[int, Callable[[float], float]]] = {
    "Acme Dental": (40, lambda day: 0.99),
    "Globex": (100, lambda day: 0.97 if day < FALL else 0.85),
    "Initech": (12, lambda day: 0.98),
}
Answers = list[tuple[datetime, bool]]


def fate(client: str) -> list[tuple[float, bool]]:
    """(day, happy) of each answer."""
    chance = random.Random(f"{client}, a year")
    quarter, truth = CLIENTS[client]
    day, found = 0.0, []
    while (day := day + round(chance.expovariate(quarter / 90) * 86400) / 86400) < DAYS:  # PSAs keep seconds
        found.append((day, chance.random() < truth(day)))
    return found


async def live(o: Office, start: datetime) -> None:
    """Every answer is of a ticket that was asked, answered and closed; the daemon looks once a day."""
    answers = sorted((day, client, happy) for client in CLIENTS for day, happy in fate(client))
    today = 0
    for day, client, happy in answers:
        while today < int(day):
            today += 1
            o.world.set_time(start + timedelta(days=today))
            await o.later()
        o.world.set_time(start + timedelta(days=day))
        ticket = o.world.open_ticket(client, "Printer down", text="It prints nothing at all.")
        o.world.set_status(ticket, ">Closed", "jreed")
        o.world.rate(ticket, 5 if happy else 1)
    o.world.set_time(start + timedelta(days=DAYS))
    await o.later()


def told_by_hand(answers: Answers, until: datetime) -> tuple[datetime | None, datetime | None]:
    """The days a review and a guarded plan are due first: (PX below 95 %, chance cannot explain it)."""
    moments = sorted({at for at, _ in answers} | {at + WINDOW for at, _ in answers})
    review = plan = None
    for at in (at for at in moments if at <= until):
        window = [happy for given, happy in answers if at - WINDOW < given <= at]
        n, k = len(window), sum(window)
        if n < 5 or k / n >= 0.95:
            continue
        review = review or at
        alpha = 0.05 if n >= 20 else 0.01
        if stats.binomtest(k, n, 0.95, alternative="less").pvalue <= alpha:
            plan = plan or at
    return review, plan


def first(told: list[Happening], kind: str) -> datetime | None:
    return next((what.at for what in told if what.kind == kind), None)


async def test_a_healthy_a_falling_and_a_small_client(tmp_path: Path) -> None:
    async with office(tmp_path, poll_every="24h", sweep_every="24h", write_back=False) as o:
        await o.start()
        o.sim.faults.drop_callbacks = 1.0
        start = o.world.now()
        await live(o, start)
        until = o.world.now()
        told: dict[str, list[Happening]] = {client: [] for client in CLIENTS}
        async with o.connector.store.read() as tx:
            for row in await contracts.told(tx):
                told[row.client].append(row.happening)
                assert timedelta() <= row.told_at - row.happening.at <= timedelta(days=1, minutes=1)
        for client in CLIENTS:
            answers = [(start + timedelta(days=day), happy) for day, happy in fate(client)]
            review, plan = told_by_hand(answers, until)
            assert first(told[client], "review_opened") == review, client
            if client != "Globex":
                assert plan is None
                assert first(told[client], "plan_opened") is None
        falling = told["Globex"]
        opened = first(falling, "plan_opened")
        assert opened is not None
        assert FALL <= (opened - start).days <= FALL + 90
        checkpoints = [(what.at - opened).days for what in falling if what.kind == "checkpoint"]
        assert checkpoints == [30, 60, 90]
        assert [what.day for what in falling if what.kind == "score_line"][:12] == [
            7 * w for w in range(1, 13)
        ]
        assert first(falling, "plan_failed") == opened + timedelta(days=90)
        async with o.connector.store.read() as tx:
            standing = await contracts.load(tx, "main", "Globex")
        assert standing is not None
        assert standing.release is not None
