"""Short ways to make tickets, facts and assessments for the store's tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from connector.model import Assessment, BucketClock, BucketName, Message, PsaVerdict, Ticket
from connector.store.tickets import StoredTicket

T0 = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
CONN = "main"


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def stored(id: str, **fields: Any) -> StoredTicket:
    own = {name: fields.pop(name) for name in tuple(fields) if name in StoredTicket.__dataclass_fields__}
    return StoredTicket(ticket=Ticket(id=id, opened_at=T0, **fields), **{"version": "v1"} | own)


def note(key: str, minutes: float = 0, **fields: Any) -> Message:
    return Message(at=at(minutes), key=key, **fields)


def assessed(id: str, buckets: dict[BucketName, BucketClock] | None = None, **fields: Any) -> Assessment:
    given = {
        "client": "Acme",
        "at": T0,
        "policy": "sha256:1",
        "psa": PsaVerdict(),
        "messages": (),
        "timeline": (),
        "buckets": buckets or {},
    }
    return Assessment(ticket_id=id, **given | fields)
