"""What one connection's turns share: its adapter, the store, the clients' rules and the clock.

Nothing here is truth. Everything the daemon must not forget is in the store; this object can be
built anew at any moment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.clients import ClientBook, captions
from connector.daemon.health import Health
from connector.history.canary.gate import Gate
from connector.model import CompanyFlag, FlagName, PxFigure
from connector.psa.port import Psa, PsaFacts
from connector.rules.policy import Policy
from connector.rules.risk import Model
from connector.rules.surveylinks import Links
from connector.store.store import Store
from connector.store.whole.prune import Keep

BATCH = 200
"""Tickets one turn reads, assesses or writes at most, so that a webhook never waits for a back-fill."""


@dataclass(slots=True)
class Connection:
    name: str
    psa: Psa
    store: Store
    health: Health
    clients: Callable[[], ClientBook]
    now: Callable[[], datetime]
    poll_every: timedelta = timedelta(seconds=60)
    sweep_every: timedelta = timedelta(minutes=30)
    write_back: bool = False
    gate: Gate | None = None  # None: nothing keeps writes back
    held: str = ""  # why writes are held back all the same, '' if they are not
    fingerprint: Callable[[], str] = lambda: ""  # of the settings and secrets; another one is another login
    settings: str = ""  # digest of its settings, whatever the secrets are
    survey: Links | None = None  # None: nobody is asked
    hook_url: str = ""  # '' : no callbacks
    keep: Keep = field(default_factory=Keep)  # how long what is over stays in the store
    channels: Mapping[str, int | None] = field(default_factory=dict)  # of notices: told so often an hour
    facts: PsaFacts | None = None
    started_under: str = ""  # the `rules` that fields were bound and statuses checked for
    turned_at: datetime | None = None  # the latest turn began; None: none yet, or it is not known
    next_poll: datetime | None = None  # None: at once
    next_sweep: datetime | None = None
    next_hook_check: datetime | None = None
    next_tidy: datetime | None = None
    next_px: datetime | None = None
    next_companies: datetime | None = None
    more_ratings: bool = False  # more of them are at hand than one turn takes
    figures: dict[str, PxFigure] = field(default_factory=dict)  # PX as of the last look, by policy digest
    rules_seen: str = ""  # the `rules` every open ticket has been judged under
    strays_after: str = ""  # how far the search for tickets without rules has come
    strays_under: str = ""  # the `rules` it goes by
    idle: frozenset[str] | None = None  # clients without a ticket so far; None: not looked for yet
    model: Model | None = None  # what this connection's tickets taught about risk; None: nothing yet
    desk: frozenset[str] | None = None  # who works there, as the store has it; None: not asked for yet
    first_run: datetime | None = None  # since when this connection is run at all; None: not looked up yet
    next_tally: datetime | None = None  # of what would have been written
    next_audit: datetime | None = None  # None: the store says when the last one was
    broken_off: datetime | None = None  # what was owed before may have been written, and nobody kept it
    looked_for: dict[str, str] = field(default_factory=dict)  # marks for which a ticket was read again
    unmatched: set[str] = field(default_factory=set)  # companies no client file matches, said once each

    @property
    def writes(self) -> bool:
        """Whether anything is written to the PSA."""
        return self.write_back and not self.held

    def stage_of(self) -> dict[str, str]:
        """Casefolded status -> the PSA's SLA stage; empty before the start."""
        return {name.casefold(): stage for name, stage in self.facts.statuses.items()} if self.facts else {}

    def rules(self) -> str:
        """Digest of the rules of this connection's clients, as they are in force."""
        return self.clients().digest_of(self.name)

    def policies(self) -> list[Policy]:
        """The rules of this connection's clients."""
        return captions.of_connection(self.clients(), self.name)

    def watched(self) -> frozenset[str]:
        """Captions of the fields in which any client of this connection finds ratings."""
        return captions.with_ratings(self.policies())

    def company_captions(self) -> dict[CompanyFlag, frozenset[str]]:
        """Every caption of a company's field any client of this connection names, by flag."""
        return captions.on_companies(self.policies())

    def captions(self) -> dict[FlagName, frozenset[str]]:
        """Every caption any client of this connection names, by flag."""
        return captions.on_tickets(self.policies())
