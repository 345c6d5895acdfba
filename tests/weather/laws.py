"""What must hold whatever happens, each law a function with a sentence that yields what breaks it.

They are judged by the world's own records, by what was said on the line, and by the rows on the disk, read
with plain SQL: no part of the daemon vouches for itself. `tests.simulation.truth` says what a flag should be.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from connector.assessmentlog import clocks_from_json
from connector.clients import load_clients
from connector.model import BucketClock, BucketName
from connector.simulator.records import Ticket
from tests.kit import CAPTIONS
from tests.simulation.truth import Truth
from tests.weather.post import OURSELVES, Letter

if TYPE_CHECKING:
    from tests.weather.voyage import Voyage

OF_FEELING = {"watermelon": "PX Watermelon", "loop": "PX Follow-up", "survey": "PX Survey Link"}
"""Flags that are not judged: they go by who had a ticket when, which not every PSA keeps, and by ratings."""

FLAGS = {caption: flag for flag, caption in {**CAPTIONS, **OF_FEELING}.items()}
NAMELESS = ("no-id", "not-an-object")
"""Kinds of poison that do not tell which ticket it is."""

Key = tuple[int, str]


class Broken(AssertionError):
    """A law is broken; says where, so that it can be played again."""

    def __init__(self, law: str, complaint: str, voyage: Voyage) -> None:
        self.law, self.complaint, self.voyage = law, complaint, voyage
        plan, now = voyage.plan, voyage.loop.true_now()
        super().__init__(
            f"{law}: {complaint}\n  {plan.vendor}, seed {plan.seed}, step {voyage.step} of {plan.steps}, "
            f"life {voyage.house.lives}, {now:%Y-%m-%d %H:%M:%S}; trouble now: {sorted(voyage.over)}"
        )


class Judge:
    """What the laws remember between two looks."""

    def __init__(self, voyage: Voyage) -> None:
        self.v, self.world = voyage, voyage.world
        self.writes = self.posts = self.trail = self.company_writes = 0  # looked at so far
        self.last_write: dict[Key, str] = {}
        self.written: dict[Key, list[str]] = defaultdict(list)
        self.told: dict[Key, list[str]] = defaultdict(list)
        self.history_row = 0
        self.strange_row = self.swallowed = 0
        self.strange: dict[Key, list[tuple[str, str]]] = defaultdict(list)
        self.poison: dict[int, str] = {}
        self.nameless = False
        self.taken: list[Letter] = []
        self.ruled: tuple[int, set[str]] = (0, set())
        self.clock_was_behind = False
        self.timeless: set[int] = set()
        self.left = 0  # how many tickets had ended with the last calm
        self.calm_trail = 0  # how many changes there had been by then
        self.settled: set[int] = set()

    def poisoned(self, ticket: int, kind: str) -> None:
        self.poison[ticket] = kind
        self.nameless = self.nameless or kind in NAMELESS

    @property
    def not_understood(self) -> set[int]:
        """A ticket without a status is judged by what else is known of it."""
        return {ticket for ticket, kind in self.poison.items() if kind != "no-status"}

    def doubt(self) -> None:
        """Leave out what nobody can know: when a status changed that was read while our clock was behind,
        of a PSA that keeps no history of it."""
        if self.clock_was_behind and self.v.plan.vendor != "halo":
            since = self.world.trail[self.calm_trail :]
            self.timeless |= {line.ticket for line in since if line.kind == "Status"}

    def all_read(self) -> None:
        self.clock_was_behind, self.left = False, len(self.v.staff.ended)
        self.calm_trail = len(self.world.trail)

    def last_told(self, key: Key) -> str:
        return self.told[key][-1] if self.told[key] else ""

    def follow(self, key: Key, until: str | None) -> None:
        """Take in the values found, as long as each follows on what was told, up to this one."""
        found = self.strange[key]
        while found and found[0][0] == self.last_told(key) and self.last_told(key) != until:
            self.told[key].append(found.pop(0)[1])
            self.swallowed += 1

    def cured(self) -> None:
        self.poison.clear()

    @contextlib.contextmanager
    def rows(self) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(sqlite3.connect(f"file:{self.v.disk.where}?mode=ro", uri=True)) as db:
            yield db


Law = Callable[[Judge], Iterator[str]]


def text(value: Any) -> str:
    """A custom field as a flag says it."""
    if value is None or value is False:
        return ""
    if value is True:
        return "Yes"
    return str(int(value)) if isinstance(value, float) else str(value)


# ── after every step ──────────────────────────────────────────────────────────────────────────


def writes_once(judge: Judge) -> Iterator[str]:
    """No value is written to a field that shows it already."""
    for write in judge.world.writes[judge.writes :]:
        judge.writes += 1
        key, new = (write.ticket, FLAGS.get(write.field, write.field)), text(write.new)
        if text(write.old) == new or judge.last_write.get(key) == new:
            yield f"{write.field} of {write.ticket} was {write.old!r} and is written again: {write.new!r}"
        judge.last_write[key] = new
        judge.written[key].append(new)
    if judge.v.seen.idle_writes:
        yield f"a write that changes nothing: {judge.v.seen.idle_writes[-1]}"


def nothing_a_customer_sees(judge: Judge) -> Iterator[str]:
    """We write our own flags and nothing else: no note, no mail, no status, no other field."""
    world = judge.world
    for post in world.new_posts[judge.posts :]:
        if post.created_by == OURSELVES:
            yield f"a note of ours on {post.ticket}: {post.text[:80]!r}, visible: {post.visible}"
    judge.posts = len(world.new_posts)
    for line in world.trail[judge.trail :]:
        if line.by == OURSELVES:
            yield f"a change of ours on {line.ticket}: {line.text}"
    judge.trail = len(world.trail)
    for write in world.writes[max(0, len(world.writes) - 20) :]:
        if write.field not in FLAGS or write.member != OURSELVES:
            yield f"{write.member} wrote {write.field} of {write.ticket}"
    if judge.v.seen.strange_writes:
        yield f"a request that changes something else: {judge.v.seen.strange_writes[-1]}"


def quota_patience_and_no_defect(judge: Judge) -> Iterator[str]:
    """Never more requests in a window than our share, none while a 429 asks for patience, and no error of
    ours that ends in a trace."""
    for kind, complaint in judge.v.seen.complaints:
        yield f"{kind}: {complaint}"


# ── now and then, and after each calm ─────────────────────────────────────────────────────────


def every_change_explained(judge: Judge) -> Iterator[str]:
    """Each history row follows on the one before it, and says why.

    Between two of them may stand a value that the daemon has found and says it does not know: a write whose
    record a crash has swallowed, after which something else was owed.
    """
    with judge.rows() as db:
        found = db.execute(
            "SELECT id, ticket_id, flag, old, new, reason FROM history WHERE id > ? ORDER BY id",
            (judge.history_row,),
        ).fetchall()
        strange = db.execute(
            "SELECT id, ticket_id, flag, old, new FROM strangers WHERE id > ? ORDER BY id",
            (judge.strange_row,),
        ).fetchall()
    for number, ticket, flag, old, new in strange:
        judge.strange_row = number
        judge.strange[int(ticket), flag].append((text(old), text(new)))
    for number, ticket, flag, old, new, reason in found:
        judge.history_row = number
        key = (int(ticket), flag)
        judge.follow(key, text(old))
        if text(old) != judge.last_told(key):
            yield f"{flag} of {ticket}: {old!r} -> {new!r}, but the row before says {judge.last_told(key)!r}"
        if not reason.strip():
            yield f"{flag} of {ticket}: {old!r} -> {new!r} without a reason"
        judge.told[key].append(text(new))
    for key in list(judge.strange):
        judge.follow(key, None)


def webhooks_kept(judge: Judge) -> Iterator[str]:
    """A webhook that was answered 2xx is on the disk."""
    with judge.rows() as db:
        kept = {int(row[0]) for row in db.execute("SELECT DISTINCT ticket_id FROM inbox")}
    for letter in judge.v.post.brought:
        judge.taken.append(letter)
        if letter.by != OURSELVES and letter.ticket and letter.ticket not in kept:
            yield f"a webhook of ticket {letter.ticket} was taken and is not in the inbox"
    judge.v.post.brought.clear()


def door_answers(judge: Judge) -> Iterator[str]:
    """A genuine webhook is taken, or its sender hears that it could not be kept."""
    for status in judge.v.post.answers - {0, 204, 503}:
        yield f"a genuine webhook was answered {status}"


def rules_kept(judge: Judge) -> Iterator[str]:
    """A bad edit never takes good rules away from a daemon that runs."""
    house = judge.v.house
    if house.running is not None:
        now = {policy.client for policy in house.running.rules.book.policies}
        before, judge.ruled = judge.ruled, (house.lives, now)
        if before[0] == house.lives and not before[1] <= now:
            yield f"without rules now: {sorted(before[1] - now)}"


# ── after calm ────────────────────────────────────────────────────────────────────────────────


def healthy(judge: Judge) -> Iterator[str]:
    """The daemon has come back by itself, and has nothing to complain of."""
    health = judge.v.house.health
    if health.state != "ok":
        yield f"the connection is {health.state}: {health.detail}"
    for error in judge.v.house.connector.health.config_errors:
        yield f"still said to be wrong: {error}"
    for hook in judge.world.hooks.values():
        if hook.inactive:
            yield "our webhook is switched off"


def nothing_owed(judge: Judge) -> Iterator[str]:
    """No write is owed, no webhook waits, no letter is dead."""
    with judge.rows() as db:
        for ticket, flags, state, error in db.execute("SELECT ticket_id, flags, state, error FROM outbox"):
            if int(ticket) not in judge.poison:
                yield f"{flags} of {ticket} is {state}: {error}"
        for (ticket,) in db.execute("SELECT ticket_id FROM inbox WHERE waiting"):
            yield f"a webhook of {ticket} still waits"


def no_webhook_lost(judge: Judge) -> Iterator[str]:
    """Each webhook that was answered 2xx has led to a look at its ticket afterwards."""
    for letter in judge.taken:
        looked = judge.v.seen.named.get(letter.ticket, -1)
        if letter.by == OURSELVES or not letter.ticket or letter.ticket in judge.poison:
            continue
        if looked <= letter.first:
            yield f"ticket {letter.ticket} was not looked at after its webhook was taken"
    judge.taken.clear()


def timers_kept(judge: Judge) -> Iterator[str]:
    """No timer that ran out longer ago than one interval waits to be handled."""
    now = judge.v.loop.true_now() - timedelta(seconds=judge.v.poll_every + 5)
    with judge.rows() as db:
        for ticket, at in db.execute("SELECT ticket_id, next_at FROM assessments WHERE next_at IS NOT NULL"):
            if _moment(at) < now and int(ticket) not in judge.poison:
                yield f"ticket {ticket} was due at {_moment(at):%Y-%m-%d %H:%M:%S}"


def quarantine_exact(judge: Judge) -> Iterator[str]:
    """What cannot be understood is set aside as long as that is so, and nothing else is."""
    with judge.rows() as db:
        held = {row[0] for row in db.execute("SELECT ticket_id FROM quarantine")}
    for ticket in {int(name) for name in held if name} - judge.not_understood:
        yield f"ticket {ticket} is in quarantine and can be understood"
    if "" in held and not judge.nameless:
        yield "something nameless is in quarantine"
    for ticket in judge.not_understood:
        kind = judge.poison[ticket]
        if not (str(ticket) in held or (kind in NAMELESS and "" in held)):
            yield f"ticket {ticket} cannot be understood ({kind}) and is not in quarantine"


def writes_explained(judge: Judge) -> Iterator[str]:
    """The history tells the very values that were written to the PSA, no more and no fewer."""
    for key in judge.written.keys() | judge.told.keys():
        if judge.written[key] != judge.told[key] and key[0] not in judge.poison:
            yield f"{key[1]} of {key[0]}: written {judge.written[key][-4:]}, told {judge.told[key][-4:]}"


def rules_in_force(judge: Judge) -> Iterator[str]:
    """The rules in force are those of the files, and every open ticket is judged by them."""
    book = load_clients(judge.v.folder)
    if judge.v.house.connector.rules.book.digest != book.digest:
        yield "the rules in force are others than those of the files"
    wanted = {policy.client: policy.digest for policy in book.policies}
    with judge.rows() as db:
        rows = db.execute(
            "SELECT ticket_id, a.client, policy FROM assessments a JOIN tickets t"
            " ON t.conn = a.conn AND t.id = a.ticket_id WHERE t.is_open AND NOT t.gone"
        ).fetchall()
    for ticket, client, digest in rows:
        if digest != wanted.get(client):
            yield f"ticket {ticket} is judged by other rules than those in force"


def flags_right(judge: Judge) -> Iterator[str]:
    """Every flag says what the world's own records, judged by the same rules, say it should.

    That a miss was foreseen, and why, is the daemon's word, since it goes by what it has learnt; for which
    promise that still holds, and what the flags then say, is judged. A clock may have run out since the last
    interval began: then what the flags should have been at an instant since then is right, too.
    """
    judge.doubt()
    now, foreseen, but = judge.v.loop.true_now(), _foreseen(judge), _ended_before(judge)
    truth = Truth(judge.world, rules_mail=judge.v.plan.vendor == "halo")
    for policy in load_clients(judge.v.folder).policies:
        wrong: dict[int, str] = {}
        for ticket, wanted in truth.flags(policy, now, _to_judge(judge), foreseen).items():
            shown, should = _shown(judge, ticket), _as_shown(wanted)
            if shown != should and ticket not in judge.not_understood | judge.timeless | but:
                flag = next(flag for flag in shown if shown[flag] != should[flag])
                wrong[ticket] = f"{flag} of {ticket} shows {shown[flag]!r} and should be {should[flag]!r}"
        right = set[int]()
        for at in _since_the_last_interval(judge) if wrong else ():
            were = truth.flags(policy, at, _among(wrong), foreseen)
            right |= {key for key in wrong if _shown(judge, key) == _as_shown(were[key])}
        yield from (complaint for key, complaint in wrong.items() if key not in right)


def _shown(judge: Judge, ticket: int) -> dict[str, str]:
    return {flag: text(judge.world.field(ticket, caption)) for flag, caption in CAPTIONS.items()}


def _as_shown(flags: Mapping[str, str]) -> dict[str, str]:
    return {flag: flags[flag].replace("No", "") if flag == "at_risk" else flags[flag] for flag in CAPTIONS}


def _among(these: Collection[int]) -> Callable[[Ticket], bool]:
    return lambda ticket: ticket.id in these


def _since_the_last_interval(judge: Judge) -> Iterator[datetime]:
    """Each minute of it, up to now."""
    now, back = judge.v.loop.true_now(), judge.v.poll_every + 5
    while back > 0:
        yield now - timedelta(seconds=back)
        back -= 60


def _foreseen(judge: Judge) -> dict[int, dict[BucketName, BucketClock]]:
    with judge.rows() as db:
        rows = db.execute("SELECT ticket_id, doc FROM assessments WHERE doc LIKE '%foreseen_at%'").fetchall()
    return {
        int(ticket): {name: one for name, one in clocks_from_json(json.loads(doc)).items() if one.foreseen_at}
        for ticket, doc in rows
    }


def _ended_before(judge: Judge) -> set[int]:
    """Tickets whose priority changed after a promise had ended under other rules: its verdict stays theirs,
    and the truth knows of no other rules."""
    changed = {line.ticket: line.at for line in judge.world.trail if line.kind == "Priority"}
    wanted = {policy.client: policy.digest for policy in load_clients(judge.v.folder).policies}
    with judge.rows() as db:
        rows = db.execute("SELECT ticket_id, client, doc FROM assessments").fetchall()
    return {
        int(ticket)
        for ticket, client, doc in rows
        if int(ticket) in changed
        for clock in clocks_from_json(json.loads(doc)).values()
        if clock.policy != wanted.get(client) and clock.done_at and clock.done_at < changed[int(ticket)]
    }


def _to_judge(judge: Judge) -> Callable[[Ticket], bool]:
    """Every ticket until it was judged once after its end; later one in thirty."""
    ended, dice = judge.v.staff.ended, judge.v.dice
    judge.settled.update(ended[: judge.left])
    return lambda ticket: ticket.id not in judge.settled or dice.random() < 0.03


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(0, tz=UTC) + timedelta(microseconds=microseconds)


ALWAYS: tuple[Law, ...] = (writes_once, nothing_a_customer_sees, quota_patience_and_no_defect)
NOW_AND_THEN: tuple[Law, ...] = (every_change_explained, webhooks_kept, door_answers, rules_kept)
AFTER_CALM: tuple[Law, ...] = (
    healthy,
    nothing_owed,
    no_webhook_lost,
    timers_kept,
    quarantine_exact,
    rules_in_force,
    flags_right,
    writes_explained,
)
