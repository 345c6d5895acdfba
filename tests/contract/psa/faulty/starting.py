"""Adapters that are let in wrongly, or that find out wrongly how a PSA is set up."""

from __future__ import annotations

from dataclasses import fields, replace

from connector.errors import AuthFailed, Unavailable
from tests.contract.psa.faulty.broken import breaks
from tests.contract.psa.through import Through


@breaks("discovery")
class NeverMindsMissingFields(Through):
    async def start(self, captions):
        return replace(await self.psa.start(captions), missing_fields=())


@breaks("unusable_field")
class LeavesItToBeFoundOut(Through):
    async def start(self, captions):
        facts = await self.psa.start(captions)
        return replace(facts, notes=tuple(note for note in facts.notes if "of type" not in note))


@breaks("sla_setup")
class TakesHoursForMinutes(Through):
    """And, of a PSA that does not tell its promises, overlooks the statuses in use."""

    async def sla_setup(self):
        setup = await self.psa.sla_setup()
        slas = [replace(one, targets=tuple(map(in_hours, one.targets))) for one in setup.slas]
        told = setup.statuses if any(one.targets for one in slas) else ()
        return replace(setup, slas=tuple(slas), statuses=told)


def in_hours(target):
    return replace(target, minutes={name: minutes / 60 for name, minutes in target.minutes.items()})


@breaks("status_stages")
class KnowsStatusesByNameOnly(Through):
    async def start(self, captions):
        facts = await self.psa.start(captions)
        return replace(facts, statuses=dict.fromkeys(facts.statuses, ""))


@breaks("login")
class ShowsItsKeys(Through):
    def __repr__(self):
        config = self.psa._session.config
        return f"Connection({[getattr(config, one.name) for one in fields(config) if not one.repr]})"


@breaks("refused_login")
class Hammers(Through):
    async def start(self, captions):
        for _ in range(4):
            try:
                return await self.psa.start(captions)
            except AuthFailed:
                continue
        return await self.psa.start(captions)


@breaks("refused_login", "autotask")
class ForgetsThatItWasRefused(Hammers):
    """Autotask locks the user whom it has refused a few times, for everybody."""

    async def start(self, captions):
        for _ in range(4):
            self.psa._session.api._refused = ""
            try:
                return await self.psa.start(captions)
            except AuthFailed as error:
                refused = error
        raise refused


@breaks("wrong_tenant")
class TriesAgainLater(Through):
    """As if the right tenant might appear at this address."""

    async def start(self, captions):
        try:
            return await self.psa.start(captions)
        except AuthFailed as error:
            raise Unavailable(str(error)) from error


@breaks("expired_secret")
class SaysThatItFailed(Through):
    """And leaves it to others to find out why."""

    async def poll(self, stream, cursor, *, now, limit):
        try:
            return await self.psa.poll(stream, cursor, now=now, limit=limit)
        except AuthFailed as error:
            raise AuthFailed("401 Unauthorized") from error


@breaks("revoked_login")
class TakesItForAnOutage(Through):
    async def poll(self, stream, cursor, *, now, limit):
        try:
            return await self.psa.poll(stream, cursor, now=now, limit=limit)
        except AuthFailed as error:
            raise Unavailable(str(error)) from error


@breaks("missing_permission")
class AllOrNothing(Through):
    async def start(self, captions):
        facts = await self.psa.start(captions)
        if any("off" in note for note in facts.notes):
            raise AuthFailed("not enough rights")
        return facts


@breaks("calendars")
class NoCalendars(Through):
    async def calendars(self, timezone=""):
        return [replace(one, hours=None, problem="") for one in await self.psa.calendars(timezone)]


@breaks("recalled_start")
class ForgetsWhatItIsTold(Through):
    def recall(self, recall):
        pass
