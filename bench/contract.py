"""How often the contract is right: 300 days of three clients, a hundred times, each seed another fate.

One client is healthy, one falls from 97 to 85 % in week 6, one is small and noisy. The floor of each figure
is what a judge of face value does with the very same answers: a plan whenever PX reads below its target.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import perf_counter

from connector.model import Rating
from connector.rules.contract import Answers, Contract, Happening, Terms, advance
from connector.rules.policy import PxRule

SEEDS = 100
DAYS = 300
QUARTER = 90
FALL = 5 * 7  # the first day of week 6
NOW = timedelta()
OPENS = frozenset(["review_opened", "plan_opened", "plan_failed"])
ENDS = frozenset(["review_closed", "plan_recovered", "release_ended"])
START = datetime(2026, 1, 1, tzinfo=UTC)
GUARDED = Terms(px=PxRule())
FACE_VALUE = replace(GUARDED, px=PxRule(plan="strict"))


@dataclass(frozen=True, slots=True)
class Client:
    """`truth`: the chance that an answer of this day is a happy one."""

    name: str
    a_quarter: int
    truth: Callable[[float], float]


CLIENTS = (
    Client("healthy, 98.5 %, 100 a quarter", 100, lambda day: 0.985),
    Client("falling, 97 to 85 % in week 6, 100 a quarter", 100, lambda day: 0.97 if day < FALL else 0.85),
    Client("small, truly 98 %, 12 a quarter", 12, lambda day: 0.98),
)


def answers(client: Client, seed: int) -> Answers:
    """From a quarter before the first day on: as many a quarter as the client gives, at random instants."""
    chance = random.Random(f"{client.name}:{seed}")
    day, given = -float(QUARTER), list[Rating]()
    while (day := day + chance.expovariate(client.a_quarter / QUARTER)) < DAYS:
        happy = chance.random() < client.truth(day)
        given.append(Rating(at=START + timedelta(days=day), key=str(len(given)), score=5.0 if happy else 1.0))
    return Answers(given)


def played(given: Answers, terms: Terms) -> tuple[Happening, ...]:
    return advance(Contract(looked_at=START), given, terms, START + timedelta(days=DAYS))[1]


def crossed(given: Answers) -> datetime | None:
    """The first instant from the day of the fall on at which PX reads below its target."""
    moments = [rating.at + moved for rating in given.ratings for moved in (NOW, timedelta(days=QUARTER))]
    first, last = START + timedelta(days=FALL), START + timedelta(days=DAYS)
    for at in sorted(at for at in moments if first <= at <= last):
        figure = given.figure(GUARDED.px, at)
        if figure.percent is not None and figure.percent < 95 and figure.n >= GUARDED.px.min_answers:
            return at
    return None


def stands(happened: tuple[Happening, ...], at: datetime) -> bool:
    """Whether a review, or what it led to, was open on that day."""
    kinds = [one.kind for one in happened if one.at <= at and one.kind in OPENS | ENDS]
    return bool(kinds) and kinds[-1] in OPENS


def tell(client: Client) -> None:
    seen: Counter[str] = Counter()
    for seed in range(SEEDS):
        given = answers(client, seed)
        happened = played(given, GUARDED)
        seen.update({one.kind for one in happened})
        seen["plan at face value"] += any(one.kind == "plan_opened" for one in played(given, FACE_VALUE))
        below = crossed(given)
        seen["review on the day it crossed"] += below is None or stands(happened, below)
        plans = [(one.at - START).days - FALL for one in happened if one.kind == "plan_opened"]
        seen["plan within 90 days of the fall"] += any(0 <= day <= 90 for day in plans)
    print(f"{client.name}: of {SEEDS} seeds")
    for words, kind in (
        ("a review", "review_opened"),
        ("a review stands on the day PX crosses 95 % after day 35", "review on the day it crossed"),
        ("a plan, guarded", "plan_opened"),
        ("a plan at face value (floor)", "plan at face value"),
        ("a plan within 90 days after day 35", "plan within 90 days of the fall"),
        ("a plan that recovered", "plan_recovered"),
        ("a right to leave", "plan_failed"),
    ):
        print(f"  {words}: {seen[kind]}")


def main() -> None:
    began = perf_counter()
    for client in CLIENTS:
        tell(client)
    days = len(CLIENTS) * SEEDS * DAYS * 2
    print(f"{days / (perf_counter() - began):,.0f} client days a second")
