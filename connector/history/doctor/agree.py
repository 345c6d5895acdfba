"""Findings on what the files and the PSA must agree on: fields, statuses, clients."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from connector.clients.captions import strange_statuses, unused
from connector.clients.problems import suggestion
from connector.history.doctor.findings import Check, Finding, Seen, Severity, file_of, not_seen, some
from connector.rules.policy import Policy
from connector.rules.psa_says import RESOLVED, WAITING

_STILL = {WAITING: "stops the clock", RESOLVED: "takes the ticket as resolved"}
"""What a status does in the PSA by its stage. Halo's own word for it is not documented: not judged."""


def fields(seen: Seen) -> list[Finding]:
    assert seen.facts is not None
    looked = "the custom fields that the clients' files name under `flags` and `company_flags`"
    idle = unused(seen.policies)
    gone = [caption for caption in seen.facts.missing_fields if caption not in idle]
    found = [
        Finding(
            check="fields",
            severity="warning",
            looked_at=looked,
            found=f"tickets have no field '{caption}'",
            why="that flag is never written",
            fix="make the field in the PSA, or name another (null: none) under `flags` in defaults.yaml",
            code="field-missing",
        )
        for caption in gone
    ]
    told = [
        Finding(
            check="fields",
            severity="warning",
            looked_at=looked,
            found=note,
            why="that field is neither written nor read",
            fix="make the field in the PSA as the sentence says, or set its flag to null in defaults.yaml",
            code="field-unusable",
        )
        for note in seen.facts.notes
        if _about(note) == "fields"
    ]
    fine = f"{len(seen.facts.fields)} fields of tickets are there"
    return found + told or [Finding(check="fields", severity="ok", looked_at=looked, found=fine)]


def others(seen: Seen) -> list[Finding]:
    """What else `start` noted, in its own words."""
    assert seen.facts is not None
    known = {f"{what} is off: {why}" for what, why in seen.lacking.items()}
    found = []
    for note in seen.facts.notes:
        check = _about(note)
        if note in known or check in ("fields", "clock", "requests"):
            continue
        severity: Severity = "note" if "on different boards" in note else "warning"
        why = "the connector knows less than it could, or takes it for something else"
        fix = "change it in the PSA or in connector.yaml as the sentence says"
        found.append(
            Finding(
                check=check,
                severity=severity,
                looked_at="the PSA's set-up",
                found=note,
                why=why,
                fix=fix,
                code="noted-at-start",
            )
        )
    return found


def _about(note: str) -> Check:
    """Under which heading a note of `start` belongs."""
    for words, check in _HEADINGS:
        if any(word in note for word in words):
            return check
    return "set-up"


_HEADINGS: tuple[tuple[tuple[str, ...], Check], ...] = (
    (("is off: ", "can be read", "cannot be read"), "rights"),
    (("the PSA's clock",), "clock"),
    (("requests an hour are used",), "requests"),
    (("sla_events", "the status "), "statuses"),
    (("field", "caption"), "fields"),
)


def statuses(seen: Seen) -> list[Finding]:
    assert seen.facts is not None
    looked = "the statuses of the PSA, beside those that the files name"
    there = seen.facts.statuses
    if not there:
        return [not_seen("statuses", looked, "the PSA shows no statuses")]
    files: dict[str, list[str]] = {}
    for policy, name in strange_statuses(seen.policies, there):
        files.setdefault(name, []).append(file_of(policy))
    found = [
        Finding(
            check="statuses",
            severity="warning",
            looked_at=looked,
            found=f"the PSA has no status '{name}'{suggestion(name, there)} (named by {some(where)})",
            why="what is said of it never happens: such a status pauses and resolves nothing",
            fix="write it in the file, or in defaults.yaml, as the PSA does",
            code="status-unknown",
        )
        for name, where in files.items()
    ]
    named = {name.casefold() for policy in seen.policies for name in policy.statuses_named}
    strange = [
        (name, stage) for name, stage in there.items() if seen.policies and name.casefold() not in named
    ]
    found += [
        Finding(
            check="statuses",
            severity="warning",
            looked_at=looked,
            found=f"no file names the status '{name}', which {does} in the PSA",
            why="here the clocks go on in it, and the two disagree",
            fix="name it under `pause`, `resolution` or `exclude` in defaults.yaml, whichever is meant",
            code="status-not-named",
        )
        for name, stage in strange
        if (does := _does(stage))
    ]
    running = sorted(name for name, stage in strange if not _does(stage))
    fine = f"{len(there)} statuses; clocks run in {some(running)}" if running else f"{len(there)} statuses"
    return found or [Finding(check="statuses", severity="ok", looked_at=looked, found=fine)]


def _does(stage: str) -> str:
    return next((does for part in stage.split("/") if (does := _STILL.get(part))), "")


def clients(seen: Seen) -> list[Finding]:
    """Every company that a file names, and whether the PSA has it."""
    looked = "the companies that the files name under `match`, beside those of the PSA"
    if not seen.policies:
        return [
            Finding(
                check="clients",
                severity="warning",
                looked_at=looked,
                found="no client's file names this connection",
                why="no ticket is judged",
                fix="put one file per client into clients/, with `match.connection`",
                code="clients-none",
            )
        ]
    if not seen.companies:
        problem = seen.unseen.get("clients", "the PSA shows no companies: a missing right looks so")
        return [not_seen("clients", looked, problem)]
    names = {name.strip() for name in seen.companies.values() if name.strip()}
    known = {one.casefold() for one in (*seen.companies, *names)}
    found = [one for policy in seen.policies for one in _unmatched(policy, known, names, looked)]
    named = {company for policy in seen.policies if policy.match for company in policy.match.companies}
    fine = f"clients with a file: {len(seen.policies)}, all there; companies without one: "
    fine += some(sorted(_without(seen.companies, named))) or "none"
    return found or [Finding(check="clients", severity="ok", looked_at=looked, found=fine)]


def _without(companies: Mapping[str, str], named: Collection[str]) -> list[str]:
    """Names of the PSA's companies that no file names: their tickets are not judged."""
    return [
        name.strip() or number
        for number, name in companies.items()
        if number.casefold() not in named and name.strip().casefold() not in named
    ]


def _unmatched(policy: Policy, known: set[str], names: set[str], looked: str) -> list[Finding]:
    assert policy.match is not None
    gone = sorted(policy.match.companies - known)
    whole = len(gone) == len(policy.match.companies)
    return [
        Finding(
            check="clients",
            severity="warning",
            looked_at=looked,
            found=f"{file_of(policy)}: the PSA has no company '{company}'"
            f"{suggestion(company, {name.casefold() for name in names})}",
            why=f"no ticket of {policy.client} is judged"
            if whole
            else "tickets of that company are not judged",
            fix="write it under `match.companies` as the PSA does, or by its id",
            code="client-unmatched",
        )
        for company in gone
    ]
