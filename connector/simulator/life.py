"""Random daily life, for a simulator that is left running: tickets come in, get answered, are closed."""

from __future__ import annotations

import asyncio
import random

from connector.simulator import people, texts
from connector.simulator.world import World

_ENGINEERS = ("jreed", "akaya", "mbauer", "tnovak")


def happen(world: World, dice: random.Random) -> None:
    """One thing that happens at an MSP."""
    open_ids = [t.id for t in world.tickets.by_id.values() if not world.statuses[t.status].closed][-200:]
    if not open_ids or dice.random() < 0.35:
        request = dice.choice(texts.REQUESTS)
        client = dice.choice([c.name for c in world.companies.values()])
        priority = dice.choice(people.PRIORITIES).name
        world.open_ticket(client, request[0], text=request[1], priority=priority)
        return
    ticket, engineer = dice.choice(open_ids), dice.choice(_ENGINEERS)
    roll = dice.random()
    if roll < 0.35:
        world.post(ticket, engineer, dice.choice(texts.ANSWERS).replace("{name}", "there"))
    elif roll < 0.5:
        world.log_time(ticket, engineer, 10, dice.choice(texts.CALLS).replace("{name}", "them"), "Phone Call")
    elif roll < 0.65:
        world.set_status(ticket, "In Progress", engineer)
    elif roll < 0.8:
        world.post(ticket, "contact", dice.choice(texts.REPLIES))
    else:
        world.post(ticket, engineer, dice.choice(texts.SOLUTIONS))
        world.set_status(ticket, "Resolved", engineer)


async def live(world: World, per_hour: float) -> None:
    """Let about `per_hour` things happen an hour of real time, until cancelled."""
    dice = random.Random(world.seed + 4)
    while True:
        await asyncio.sleep(dice.expovariate(per_hour) * 3600)
        happen(world, dice)
