"""The differences that the vendors force, one rule each: docs/differences.md tells people of the same ones.

A rule knows which values of a path it may make equal, and nothing else. What is still different after all of
them is a difference that nobody has listed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tests.simulation.canonical import Said

CONNECTWISE, AUTOTASK, HALO = PSAS = ("connectwise", "autotask", "halo")
CLOSED = {CONNECTWISE: (">Closed", "Merged"), AUTOTASK: ("Complete",), HALO: ("Closed",)}
"""What a PSA calls the statuses in which a ticket is closed."""

ABSENT = "(absent)"
Values = dict[str, str]


@dataclass(frozen=True)
class Spot:
    """Where the three do not say the same: a path of one ticket, perhaps at a moment of the day.

    `said`: everything else that each says of the ticket. `before`: what each said here since the customer's
    last rating, if that is not long ago.
    """

    ticket: str
    path: str
    values: Values
    said: Mapping[str, Said] = field(default_factory=dict)
    before: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def of(self, psa: str, path: str) -> str:
        return self.said.get(psa, {}).get(path, ABSENT)


Rule = Callable[[Spot, Values], Values]
LISTED: dict[str, Rule] = {}
"""Every difference that a rule explains, by its name in docs/differences.md."""

EVERY_DAY = {
    "closed_status",
    "mail_or_note",
    "machines_by_mark",
    "four_faces",
    "no_words",
    "psa_words",
    "psa_without_plan",
    "psa_solved_when_closed",
    "psa_judges_late",
}
"""What the end of any day shows."""

OTHER_LIVES = EVERY_DAY | {"notes_of_autotask", "thermometer"}
"""And with merged tickets and clicks in a mail."""

ON_THE_WAY = {"mail_or_note", "ratings_seldom"}
"""In flags, while the day goes on."""

IF_UNHAPPY = {"green_on_paper"}
"""Where a customer is unhappy with a ticket of which the PSAs do not say the same, as on the working day."""

OWN_TESTS = {"untold_changes", "okay_is_unhappy"}
"""Differences that need a day of their own: tests of that name."""


def listed(rule: Rule) -> Rule:
    LISTED[rule.__name__] = rule  # type: ignore[attr-defined]
    return rule


def spots(saids: Mapping[str, Mapping[str, Said]]) -> Iterator[Spot]:
    """Every spot of these tickets, by PSA and ticket, that is not the same for all."""
    for ticket in sorted(set().union(*saids.values())):
        said = {psa: tickets.get(ticket, {}) for psa, tickets in saids.items()}
        for path in sorted(set().union(*said.values())):
            values = {psa: one.get(path, ABSENT) for psa, one in said.items()}
            if len(set(values.values())) > 1:
                yield Spot(ticket, path, values, said)


def found(where: Iterable[Spot]) -> set[str]:
    """The names of the differences that explain these spots; AssertionError tells those that none does."""
    names: set[str] = set()
    unlisted: dict[str, list[str]] = defaultdict(list)
    for spot in where:
        values = dict(spot.values)
        used = set()
        for name, rule in LISTED.items():
            levelled = rule(spot, values)
            if levelled != values:
                used.add(name)
                values = levelled
        if len(set(values.values())) > 1:
            unlisted[spot.path].append(f"{spot.ticket}: {spot.values}")
        else:
            names |= used
    told = "\n".join(f"{path} ({len(those)} times)\n  {those[0]}" for path, those in unlisted.items())
    assert not unlisted, f"differences that docs/differences.md does not list:\n{told}"
    return names


def _like(values: Values, psa: str, other: str = CONNECTWISE) -> Values:
    """The values with that PSA's taken from another."""
    return values | {psa: values[other]}


# ── names ─────────────────────────────────────────────────────────────────────────────────────


@listed
def closed_status(spot: Spot, values: Values) -> Values:
    if spot.path != "ticket.status" or any(v not in CLOSED[psa] for psa, v in values.items()):
        return values
    return dict.fromkeys(values, "closed")


@listed
def mail_or_note(spot: Spot, values: Values) -> Values:
    """Halo alone knows that what was written went out as a mail."""
    if not spot.path.endswith("why"):
        return values
    said = values[HALO].replace("(email)", "(note)")
    return values | {HALO: re.sub(r"\b(an? (?:automatic )?)mail\b", r"\1message", said)}


@listed
def machines_by_mark(spot: Spot, values: Values) -> Values:
    """The same message is a machine's for all; the records that prove it are the vendor's own."""
    place, _, part = spot.path.rpartition(".")
    judged = {spot.of(psa, f"{place}.judged").partition(" ")[0] for psa in values}
    if part != "because" or judged != {"automated"}:
        return values
    proof = re.compile(r"(?:actor|record|policy\.machine)\b")
    return {psa: "; ".join(r for r in v.split("; ") if not proof.match(r)) for psa, v in values.items()}


@listed
def notes_of_autotask(spot: Spot, values: Values) -> Values:
    """Autotask writes internal notes by itself: on merging, and for words said with a click."""
    place, _, part = spot.path.rpartition(".")
    others = {values[CONNECTWISE], values[HALO]}
    kinds = ("record.survey", "record.absorbed_another_ticket", "record.merged_into_ticket")
    by_itself = spot.of(AUTOTASK, f"{place}.because").startswith(kinds) and " internal " in place
    if part not in ("counts", "judged", "because") or not by_itself or others != {ABSENT}:
        return values
    return _like(values, AUTOTASK)


# ── ratings ───────────────────────────────────────────────────────────────────────────────────


@listed
def ratings_seldom(spot: Spot, values: Values) -> Values:
    """Halo's list of ratings has no filter: it is read every quarter of an hour."""
    if not spot.path.startswith("flags.") or values[HALO] not in spot.before.get(CONNECTWISE, ()):
        return values
    return _like(values, HALO)


FACES = {"5 of 5": "5 of 5", "4 of 5": "4 of 5", "2 of 5": "1 of 5", "1 of 5": "1 of 5"}


@listed
def four_faces(spot: Spot, values: Values) -> Values:
    """Halo has four faces, two of them good."""
    if not re.fullmatch(r"rating \d+\.score", spot.path) or values[HALO] != FACES.get(values[CONNECTWISE]):
        return values
    return _like(values, HALO)


CLICKS = {"5 of 5": "3 of 3", "4 of 5": "3 of 3", "3 of 5": "2 of 3", "2 of 5": "1 of 3", "1 of 5": "1 of 3"}


@listed
def thermometer(spot: Spot, values: Values) -> Values:
    """A click on Autotask's thermometer is one of three, and nobody knows when it was made."""
    rating, _, part = spot.path.rpartition(".")
    scores = {psa: spot.of(psa, f"{rating}.score") for psa in values}
    if scores[AUTOTASK] != CLICKS.get(scores[CONNECTWISE]):
        return values
    when = (spot.of(AUTOTASK, "ticket.closed_at"), spot.of(AUTOTASK, "ticket.opened_at"))
    undated = part == "at" and values[AUTOTASK] in when
    return _like(values, AUTOTASK) if part == "score" or undated else values


@listed
def no_words(spot: Spot, values: Values) -> Values:
    """Autotask's survey results have no text."""
    if not re.fullmatch(r"rating \d+\.comment", spot.path) or values[AUTOTASK]:
        return values
    return _like(values, AUTOTASK)


# ── what the PSA says of its own SLA ──────────────────────────────────────────────────────────


@listed
def psa_words(spot: Spot, values: Values) -> Values:
    return dict.fromkeys(values, "") if spot.path == "psa.text" else values


@listed
def psa_without_plan(spot: Spot, values: Values) -> Values:
    """Halo promises an answer and a fix, no plan between them."""
    return _like(values, HALO) if spot.path == "psa.resplan" and values[HALO] == "None" else values


@listed
def psa_solved_when_closed(spot: Spot, values: Values) -> Values:
    """To Halo a ticket is solved when it is closed, however it came to that."""
    as_closed = values[HALO] == spot.of(HALO, "ticket.closed_at")
    return _like(values, HALO) if spot.path == "psa.resolved" and as_closed else values


@listed
def psa_judges_late(spot: Spot, values: Values) -> Values:
    """ConnectWise always has a verdict; Autotask one on what is over, Halo one on two promises of its own."""
    if spot.path != "psa.met":
        return values
    return _like(_like(values, AUTOTASK) if values[AUTOTASK] == "None" else values, HALO)


@listed
def green_on_paper(spot: Spot, values: Values) -> Values:
    """Green outside and red inside: outside is the PSA's own verdict, and not all say the same."""
    if spot.path != "flags.watermelon":
        return values
    if len({spot.of(psa, "psa.met") for psa in values}) > 1:
        shown = max(values.values(), key=len)
        values = {psa: said or shown for psa, said in values.items()}
    return (
        values | {HALO: values[HALO].replace("rated 1 of 5", "rated 2 of 5")}
        if "2 of 5" in values[CONNECTWISE]
        else values
    )
