"""Survey: ask the contact of a ticket that is about to be closed, or keep why nobody is asked.

The link is random and kept before anybody sees it; it reaches the engineer's closing mail as a flag, through
the same outbox as every other. It stays the same for as long as the ticket is not opened again. It goes when
it is answered, or has run out while the ticket is open: nobody writes to a closed ticket for that alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.daemon.connection import Connection
from connector.model import Assessment, Ticket
from connector.rules.asking import Lately, Occasion, day_begins, episode, occasion, why_not
from connector.rules.assess import too_early
from connector.rules.policy import Policy
from connector.rules.surveylinks import ID_BYTES
from connector.store import cursors, people, surveys
from connector.store.surveys import Survey

NO_KEY = "connector.yaml has no `survey`"


@dataclass(slots=True)
class Asking:
    """What one turn asks. `rows`: what was asked of these tickets before; None: no client is asked."""

    tx: AsyncConnection
    c: Connection
    now: datetime
    rows: dict[str, list[Survey]] | None
    desk: frozenset[str] = frozenset()
    since: dict[str, datetime] = field(default_factory=dict)

    @classmethod
    async def begin(cls, tx: AsyncConnection, c: Connection, ids: Iterable[str], now: datetime) -> Asking:
        if not any(policy.survey.ask for policy in c.policies()):
            return cls(tx, c, now, None)
        return cls(tx, c, now, await surveys.of_tickets(tx, c.name, ids), await people.get(tx, c.name))

    async def about(self, ticket: Ticket, policy: Policy, answer: Assessment, *, ask: bool) -> Assessment:
        """The assessment with the ticket's link among its flags. `ask`: whether somebody may be asked now,
        or only what was asked is shown."""
        if self.rows is None or not policy.survey.ask:
            return answer
        rows = self.rows.setdefault(ticket.id, [])
        apart = answer.excluded or too_early(ticket, policy)
        followup = answer.buckets.get("followup")
        what = occasion(ticket, answer.timeline, policy, followup, self.desk) if ask else None
        if what is not None:
            await self._decide(what, ticket, policy, answer, apart, rows)
        if apart or not rows:
            return answer
        return self._with_link(ticket, policy, answer, rows)

    async def _decide(
        self,
        what: Occasion,
        ticket: Ticket,
        policy: Policy,
        answer: Assessment,
        apart: str,
        rows: list[Survey],
    ) -> None:
        """Ask, or keep why not. What was asked stays; a no is thought over until the ticket is closed."""
        about = _about(ticket.id, what)
        before = next((row for row in rows if row.about == about), None)
        if before is not None and (before.state != "skipped" or what.over):
            return
        links = self.c.survey
        why = NO_KEY
        if links is not None:
            lately = Lately(
                today=await surveys.asked_since(self.tx, policy.client, day_begins(policy, self.now)),
                contact_at=await surveys.last_asked(self.tx, self.c.name, policy.client, ticket.contact),
            )
            why = why_not(
                what,
                ticket,
                answer.timeline,
                policy,
                lately,
                apart=apart,
                since=await self._since(policy),
                now=self.now,
                people=self.desk,
            )
        if before is not None and before.why == why:
            return
        row = Survey(
            conn=self.c.name,
            about=about,
            ticket_id=ticket.id,
            client=policy.client,
            contact=ticket.contact,
            at=self.now,
            state="skipped" if why else "asked",
            why=why,
            scale=policy.survey.scale,
        )
        if not why:
            until = self.now.replace(microsecond=0) + timedelta(days=policy.survey.valid_days)
            row = replace(row, link=secrets.token_hex(ID_BYTES), expires_at=until)
        await surveys.put(self.tx, [row])
        rows[:] = [*(one for one in rows if one.about != about), row]

    async def _since(self, policy: Policy) -> datetime:
        """When asking this client began."""
        known = self.since.get(policy.client)
        if known is None:
            name = f"survey:{policy.client}"
            row = await cursors.get(self.tx, self.c.name, name)
            known = datetime.fromisoformat(row["since"]) if row else self.now
            if row is None:
                await cursors.put(self.tx, self.c.name, name, {"since": known.isoformat()}, self.now)
            self.since[policy.client] = known
        return known

    def _with_link(
        self, ticket: Ticket, policy: Policy, answer: Assessment, rows: list[Survey]
    ) -> Assessment:
        number = episode(answer.timeline, policy)
        mine = {_about(ticket.id, Occasion(number)), _about(ticket.id, Occasion(number, again=True))}
        asked = [row for row in rows if row.about in mine and row.state != "skipped"]
        last = max(asked, key=lambda row: row.at, default=None)
        if last is None or last.state != "asked" or last.expires_at is None or self.c.survey is None:
            return answer
        if "survey" not in answer.flags or (self.now >= last.expires_at and not ticket.closed):
            return answer
        link = self.c.survey.link(last.link, last.expires_at)
        nexts = [at for at in (answer.next_at, None if ticket.closed else last.expires_at) if at is not None]
        return replace(answer, flags={**answer.flags, "survey": link}, next_at=min(nexts, default=None))


def _about(ticket_id: str, what: Occasion) -> str:
    return f"ticket:{ticket_id}:{what.name}"
