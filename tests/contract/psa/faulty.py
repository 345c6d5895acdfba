"""Adapters that are broken on purpose: one for every trait, ConnectWise's with a single thing wrong.

Each is a mistake that somebody really makes with a PSA, not a crash. If the suite lets one pass, the trait
it breaks is not tested.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from connector.errors import AuthFailed, NotFound, Rejected, Unavailable
from connector.model import NOBODY, Appointment, Close, Event, Message, Rating
from connector.psa.port import Batch, Hint, Psa, QuotaState, Snapshot
from tests.contract.psa.through import Through

FAULTS: dict[str, Callable[[Psa], Psa]] = {}
"""By the trait that is broken."""

KEYS: dict[str, dict[str, Any]] = {"quota": {"requests_per_minute": 100_000}}
"""Settings that a faulty adapter takes for its own, whatever it was told."""

FAULTS["quota"] = Through


def breaks(name: str) -> Callable[[type[Through]], type[Through]]:
    def register(faulty: type[Through]) -> type[Through]:
        FAULTS[name] = faulty
        return faulty

    return register


def tells(name: str, change: Callable[[Event], Event | None]) -> None:
    """An adapter that gets the facts of timelines wrong; None leaves one out."""

    class Misteller(Through):
        def brought(self, batch: Batch) -> Batch:
            changed = ((ticket, change(event)) for ticket, event in batch.events)
            return replace(batch, events=tuple((t, event) for t, event in changed if event is not None))

    FAULTS[name] = Misteller


def shows(name: str, change: Callable[[Snapshot], Snapshot | None]) -> None:
    """An adapter that gets tickets wrong; None leaves one out."""

    class Misviewer(Through):
        def brought(self, batch: Batch) -> Batch:
            return replace(batch, snapshots=tuple(s for s in map(change, batch.snapshots) if s is not None))

    FAULTS[name] = Misviewer


def _in_message(change: Callable[[Message], Message]) -> Callable[[Event], Event]:
    return lambda event: change(event) if isinstance(event, Message) else event


def _ticket(snapshot: Snapshot, **values: Any) -> Snapshot:
    return replace(snapshot, ticket=replace(snapshot.ticket, **values))


tells("messages", _in_message(lambda m: replace(m, direction="out")))
tells("authors", _in_message(lambda m: replace(m, actor=replace(m.actor, kind="staff"))))
tells("visibility", _in_message(lambda m: replace(m, direction="out") if m.direction == "internal" else m))
tells("time_entries", _in_message(lambda m: replace(m, minutes=m.minutes / 60)))  # hours, as the PSA keeps
tells("closing", lambda e: None if isinstance(e, Close) else e)
tells(
    "appointments",
    lambda e: replace(e, at=e.starts_at or e.at) if isinstance(e, Appointment) else e,
)
tells("ratings", lambda e: replace(e, score=e.scale + 1 - e.score) if isinstance(e, Rating) else e)
tells("rating_comments", lambda e: replace(e, comment="") if isinstance(e, Rating) else e)
shows("full_read", lambda s: None if s.ticket.closed else s)  # open tickets only
shows("merged", lambda s: _ticket(s, merged_into=""))
shows("present_state", lambda s: _ticket(s, status="".join(str(ord(c)) for c in s.ticket.status)))  # an id
shows("read_back", lambda s: replace(s, flags={}))
shows("own_edits", lambda s: replace(s, editor=NOBODY))


@breaks("discovery")
class NeverMindsMissingFields(Through):
    async def start(self, captions):
        return replace(await self.psa.start(captions), missing_fields=())


@breaks("status_stages")
class KnowsStatusesByNameOnly(Through):
    async def start(self, captions):
        facts = await self.psa.start(captions)
        return replace(facts, statuses=dict.fromkeys(facts.statuses, ""))


@breaks("login")
class ShowsItsKey(Through):
    def __repr__(self):
        return f"Connection(key={self.psa._session.config.private_key})"


@breaks("refused_login")
class Hammers(Through):
    async def start(self, captions):
        for _ in range(4):
            try:
                return await self.psa.start(captions)
            except AuthFailed:
                continue
        return await self.psa.start(captions)


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


@breaks("long_pages")
class TakesTheFirstPageForAll(Through):
    async def poll(self, stream, cursor, *, now, limit):
        return replace(await self.psa.poll(stream, cursor, now=now, limit=min(limit, 1000)), done=True)


@breaks("resumed_read")
class RemembersByItself(Through):
    """Its cursor is a handle of this process; after a restart it begins again."""

    def __init__(self, psa):
        super().__init__(psa)
        self.cursors = []

    async def poll(self, stream, cursor, *, now, limit):
        handle = (cursor or {}).get("handle", -1)
        inner = self.cursors[handle] if 0 <= handle < len(self.cursors) else None
        batch = await self.psa.poll(stream, inner, now=now, limit=limit)
        self.cursors.append(batch.cursor)
        return replace(batch, cursor={"handle": len(self.cursors) - 1})


@breaks("incremental_read")
class ReadsAllEveryTime(Through):
    async def poll(self, stream, cursor, *, now, limit):
        return await self.psa.poll(stream, None, now=now, limit=1000)


@breaks("moving_pages")
class Caches(Through):
    """A ticket seen once is shown as it was then."""

    def __init__(self, psa):
        super().__init__(psa)
        self.seen = {}

    def brought(self, batch):
        old = tuple(self.seen.setdefault(s.ticket.id, s) for s in batch.snapshots)
        return replace(batch, snapshots=old)


@breaks("polled_timeline")
class LeavesOutNotes(Through):
    async def complete(self, snapshots):
        return Batch()


@breaks("deleted")
class NothingIsEverGone(Through):
    def brought(self, batch):
        return replace(batch, gone=frozenset())


@breaks("stable_keys")
class NumbersItsFacts(Through):
    """Keys are places in the answer: an early fact that comes late moves all others."""

    def brought(self, batch):
        keyed = [(t, replace(e, key=f"note:{n}")) for n, (t, e) in enumerate(reversed(batch.events))]
        return replace(batch, events=tuple((t, replace(e, key=f"{e.key}/{len(keyed)}")) for t, e in keyed))


@breaks("write_back")
class SendsItsOwnFieldsOnly(Through):
    """To a PSA that takes what is left out for empty."""

    async def write(self, ticket_id, flags):
        await self.psa.write(ticket_id, flags)
        foreign = [{"id": 5, "value": None}]
        operation = {"op": "replace", "path": "customFields", "value": foreign}
        await self.psa._session.api.patch(f"service/tickets/{ticket_id}", [operation])


@breaks("cleared_flags")
class NeverClears(Through):
    async def write(self, ticket_id, flags):
        if filled := {name: value for name, value in flags.items() if value}:
            await self.psa.write(ticket_id, filled)


@breaks("one_request")
class WritesFlagByFlag(Through):
    async def write(self, ticket_id, flags):
        for name, value in flags.items():
            await self.psa.write(ticket_id, {name: value})


@breaks("refused_write")
class SwallowsRefusals(Through):
    async def write(self, ticket_id, flags):
        try:
            await self.psa.write(ticket_id, flags)
        except (Rejected, NotFound):
            return


@breaks("lost_answer")
class WritesAgainBlindly(Through):
    async def write(self, ticket_id, flags):
        try:
            await self.psa.write(ticket_id, flags)
        except Unavailable:
            await self.psa.write(ticket_id, flags)


@breaks("webhook_made")
class MakesAnotherWebhook(Through):
    async def ensure_webhook(self, url):
        return await self.psa.ensure_webhook(f"{url}/{id(self)}")


@breaks("webhook_believed")
class BelievesNobody(Through):
    async def verify(self, body, headers, query):
        await self.psa.verify(body, headers, query)
        return []


@breaks("webhook_foreign")
@breaks("webhook_forged")
class BelievesEverybody(Through):
    async def verify(self, body, headers, query):
        try:
            return await self.psa.verify(body, headers, query)
        except Rejected:
            return [Hint(ticket_id=query.get("recordId", "1"))]


@breaks("webhook_repaired")
class LooksOnce(Through):
    def __init__(self, psa):
        super().__init__(psa)
        self.made = False

    async def ensure_webhook(self, url):
        if self.made:
            return "alive"
        self.made = True
        return await self.psa.ensure_webhook(url)


@breaks("webhook_quiet")
class HearsItself(Through):
    async def ensure_webhook(self, url):
        said = await self.psa.ensure_webhook(url)
        api = self.psa._session.api
        for row in await api.rows("system/callbacks"):
            loud = [{"op": "replace", "path": "isSelfSuppressedFlag", "value": False}]
            await api.patch(f"system/callbacks/{row['id']}", loud)
        return said


@breaks("throttled")
class CountsNothing(Through):
    def quota(self):
        return QuotaState(limit_per_minute=900, used_last_minute=0, requests_total=0, throttled_total=0)


@breaks("short_outage")
class TriesOnce(Through):
    def __init__(self, psa):
        super().__init__(psa)
        psa._session.api.transport._attempts = 1


@breaks("outage")
class TakesAnOutageForTheEnd(Through):
    async def observe(self, ticket_ids):
        try:
            return await self.psa.observe(ticket_ids)
        except Unavailable:
            return Batch(gone=frozenset(ticket_ids))


@breaks("unreachable")
class TakesSilenceForARefusal(Through):
    async def start(self, captions):
        try:
            return await self.psa.start(captions)
        except Unavailable as error:
            raise AuthFailed(str(error)) from error


@breaks("malformed")
class DropsWhatItCannotRead(Through):
    def brought(self, batch):
        return replace(batch, malformed=())
