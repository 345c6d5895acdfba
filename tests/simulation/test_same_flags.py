"""The whole connector on three PSAs: the day goes on, and the same flags stand on the tickets of each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pytest

from connector.history.lookup import account
from connector.simulator import working_day
from tests.integration.test_daemon_vendors import desk
from tests.kit import CLIENTS, Office
from tests.simulation.canonical import Said
from tests.simulation.differences import IF_UNHAPPY, ON_THE_WAY, PSAS, Spot, found, spots
from tests.simulation.watched import TUESDAY, since_rated

Shown = dict[str, Said]
"""What stands in our fields, by ticket and flag."""


@dataclass
class Desk:
    """What one PSA showed of a day, moment by moment, and when customers rated anything."""

    psa: str
    moments: dict[datetime, Shown] = field(default_factory=dict)
    rated: list[datetime] = field(default_factory=list)

    def lately(self, at: datetime, spot: Spot) -> frozenset[str]:
        """What stood at this spot since the last rating, and before it; nothing if that is long ago."""
        known = (self.moments[one].get(spot.ticket, {}) for one in since_rated(at, self.rated, self.moments))
        return frozenset(said[spot.path] for said in known if spot.path in said)


async def shown(office: Office) -> Shown:
    """What stands in our fields of every ticket of the day; of rated ones the PSA's verdict, too."""
    tickets = [str(t.id) for t in office.world.tickets.by_id.values() if t.seeded < 0]
    read = await office.connection.psa.read_flags(tickets)
    seen: Shown = {
        i: {f"flags.{flag}": value for flag, value in one.flags.items()} for i, one in read.items()
    }
    connector, name, now = office.connector, office.connection.name, office.world.now()
    for ticket in seen.keys() & {str(answer.ticket) for answer in office.world.answers.by_id.values()}:
        judged = await account(connector.store, connector.rules.book, name, ticket, now)
        seen[ticket]["psa.met"] = str(judged.assessment.psa.sla_met)
    return seen


async def played(psa: str, folder: Path, patch: pytest.MonkeyPatch) -> Desk:
    """The day on one PSA, with the connector running beside it."""
    seen = Desk(psa)
    async with desk(folder, psa, patch, *CLIENTS, start=TUESDAY) as office:
        world = office.world
        for step in working_day(world):
            step.apply()
            await office.later()
            seen.moments[world.now()] = await shown(office)
        await office.later(20)
        seen.moments[world.now()] = await shown(office)
        seen.rated = [answer.updated_at for answer in world.answers.by_id.values()]
        assert {write.member for write in world.writes} == {"PxConnector"}
    return seen


async def test_the_same_flags_stand_on_the_tickets_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for psa in PSAS:
        (tmp_path / psa).mkdir()
    desks = [await played(psa, tmp_path / psa, monkeypatch) for psa in PSAS]
    differing: list[Spot] = []
    for at in desks[0].moments:
        for spot in spots({one.psa: one.moments[at] for one in desks}):
            differing.append(replace(spot, before={one.psa: one.lately(at, spot) for one in desks}))
    assert found(differing) == ON_THE_WAY | {"psa_judges_late"} | IF_UNHAPPY
    assert max(map(len, desks[0].moments.values())) == 13
    zones = {said["flags.zone"] for shown in desks[0].moments.values() for said in shown.values()}
    assert zones == {"green", "yellow", "orange", "red"}, "there was something to compare"
