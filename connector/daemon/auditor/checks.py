"""The checks of one sampled ticket, on what was read of it; pure but for the notes the auditor keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.daemon.auditor.findings import Findings
from connector.daemon.auditor.ground import Ground, Shown
from connector.daemon.auditor.state import State, Suspect
from connector.daemon.connection import Connection
from connector.history.earlier import former, verdicts
from connector.history.invariants.ticket import (
    judged_otherwise,
    learnt_since,
    seen_by_customers,
    shown_otherwise,
    wrong_for_long,
)
from connector.history.invariants.written import badly_written
from connector.history.ours import apart
from connector.model import Assessment, FlagName
from connector.rules.assess import assess
from connector.rules.policy import Policy
from connector.store.audited import Kept

LOOK_BACK = timedelta(days=7)
"""How far back a ticket's history is looked at."""

GRACE = timedelta(minutes=2)
"""How long the daemon may take for what a poll has brought, over and above the interval."""


@dataclass(slots=True)
class Checker:
    c: Connection
    state: State
    ground: Ground
    shown: Mapping[str, Shown]
    now: datetime
    found: Findings
    unseen_for: timedelta  # that a quiet ticket may be

    def all(self, ids: Sequence[str]) -> None:
        for ticket_id in ids:
            self.ticket(ticket_id)

    def ticket(self, ticket_id: str) -> None:
        """Every check of this ticket that can be made now."""
        row, ground, state = self.ground.rows.get(ticket_id), self.ground, self.state
        if row is None or ground.past(ticket_id):
            self.found.excuse(ticket_id)
            state.suspects.pop(ticket_id, None)
            state.judged.pop(ticket_id, None)
            return
        if row.ticket.closed or (row.observed_at and self.now - row.observed_at <= self.unseen_for):
            self.found.excuse(ticket_id, ["unseen"])
        if ticket_id not in ground.busy:
            self.found.excuse(ticket_id, ["owed"])
        self._judged(ticket_id)
        if ticket_id in self.shown:
            self._flags(ticket_id, self.shown[ticket_id])
        self._written(ticket_id)
        self._visible(ticket_id)

    def _judged(self, ticket_id: str) -> None:
        kept, policy = self.ground.kept.get(ticket_id), self.ground.policies.get(ticket_id)
        closed = self.ground.rows[ticket_id].ticket.closed  # it is not judged again for what is learnt
        if closed or kept is None or policy is None:
            self.state.judged.pop(ticket_id, None)
            self.found.excuse(ticket_id, ["assessment"])
            return
        if self._is_due(kept) or kept.doc["policy"] != policy.digest:
            return
        try:
            anew = self._anew(ticket_id, kept, policy)
        except (ValueError, OverflowError):
            return
        figure = self.ground.figures.get(policy.digest)
        beside: list[FlagName] = ["survey"] if figure else ["survey", "px", "px_percent"]
        broken = judged_otherwise(kept.doc, anew, beside)
        asked = self.state.judged.pop(ticket_id, None)
        if broken is None:
            self.found.add("assessment", ticket_id, ())
            return
        self.state.judged[ticket_id] = self.now
        self.found.judge.add(ticket_id)
        if (asked is None or kept.at <= asked) and self._explained(kept, anew):
            return
        self.found.add("assessment", ticket_id, [broken])

    def _is_due(self, kept: Kept) -> bool:
        model = self.ground.model
        learnt = model is not None and model.learnt_at > kept.at
        return learnt or (kept.next_at is not None and kept.next_at <= self.now)

    def _explained(self, kept: Kept, anew: Assessment) -> bool:
        """Whether it may rightly be judged otherwise now than it was."""
        since = (self.ground.changed_at, self.state.judge_at)
        return any(at is not None and at > kept.at for at in since) or learnt_since(kept.doc, anew)

    def _anew(self, ticket_id: str, kept: Kept, policy: Policy) -> Assessment:
        ground, ticket = self.ground, self.ground.rows[ticket_id].ticket
        if ticket_id in ground.mine:
            return apart(ticket, policy, kept.at)
        timeline = ground.timelines.get(ticket_id, ())
        return assess(
            ticket,
            timeline,
            policy,
            kept.at,
            px=ground.figures.get(policy.digest),
            learnt=ground.learnt,
            model=ground.model,
            former=former(self.c.clients(), self.c.name, timeline),
            before=verdicts(kept.doc, policy),
            stage_of=ground.stage_of,
            desk=ground.desk,
        )

    def _flags(self, ticket_id: str, shown: Shown) -> None:
        kept = self.ground.kept.get(ticket_id)
        if kept is None or not self.c.writes or ticket_id in self.ground.busy:
            self.state.suspects.pop(ticket_id, None)
            self.found.excuse(ticket_id, ["flags"])
            return
        if self._is_due(kept):
            return
        seen = shown.snapshot.flags
        wrong = shown_otherwise(self.c.psa.shown(kept.flags), seen)
        before = self.state.suspects.pop(ticket_id, None)
        if not wrong:
            self.found.add("flags", ticket_id, ())
            return
        self.found.read.add(ticket_id)
        self.found.judge.add(ticket_id)
        if before is None or not wrong.items() & before.flags.items():
            before = Suspect(self.now, {str(flag): value for flag, value in wrong.items()})
        self.state.suspects[ticket_id] = before
        patience = self.c.poll_every + GRACE
        broken = wrong_for_long(ticket_id, wrong, seen, before.flags, before.since, self.now, patience)
        if broken is not None:
            self.found.add("flags", ticket_id, [broken])

    def _written(self, ticket_id: str) -> None:
        since = max(self.state.first_at, self.now - LOOK_BACK)
        changes, strange = self.ground.changes.get(ticket_id, ()), self.ground.strange.get(ticket_id, ())
        found = badly_written(ticket_id, changes, strange, since)
        self.found.add("double_write", ticket_id, (one for one in found if one.invariant == "double_write"))
        self.found.add("history", ticket_id, (one for one in found if one.invariant == "history"))

    def _visible(self, ticket_id: str) -> None:
        """On tickets of our own there is nobody to see it."""
        if ticket_id in self.ground.mine:
            self.found.excuse(ticket_id, ["visible"])
            return
        shown = self.shown.get(ticket_id)
        events = shown.events if shown else self.ground.timelines.get(ticket_id, ())
        self.found.add("visible", ticket_id, [seen_by_customers(ticket_id, events, self.ground.first_run)])
