"""Findings on fields of a type that does not suit their flag: one refuses it, another cannot be sorted by it.

What a PSA's list does with a column is decided by its type: numbers sort by size, dates by day, text letter
by letter. So "2026-11-24T15:30:00Z" sorts rightly as text, and "9" stands behind "100".
"""

from __future__ import annotations

from collections.abc import Iterator

from connector.history.doctor.findings import Finding, Seen, Severity
from connector.model import ZONES, FlagName
from connector.psa.kinds import FieldKind, Kind
from connector.rules.flags import WHY_LIMIT
from connector.rules.surveylinks import LONGEST

_HOLDS: dict[FlagName, tuple[Kind, ...]] = {
    "at_risk": ("text", "yes_no", "list"),
    "zone": ("text", "list"),
    "due": ("text", "date"),
    "felt_response": ("text", "number"),
    "px": ("text", "number"),
    "px_percent": ("text", "number"),
}
"""What can hold a flag; any other flag needs text."""

_OPTIONS: dict[FlagName, tuple[str, ...]] = {"at_risk": ("Yes", "No"), "zone": ZONES}
_LONGEST: dict[FlagName, int] = {"zone": 6, "due": 20, "px": 16, "survey": LONGEST}
"""Characters that must fit, or what is left is something else."""

_NAMES: dict[Kind, str] = {
    "text": "Text",
    "number": "Number",
    "date": "Date",
    "yes_no": "Checkbox",
    "list": "List",
}
_LOOKED = "the types of the fields that carry flags"


def fitting(seen: Seen) -> list[Finding]:
    """What does not fit; nothing where all do."""
    assert seen.facts is not None
    asks = any(policy.survey.ask for policy in seen.policies)
    return [
        found
        for flag, fields in seen.facts.kinds.items()
        if flag != "survey" or asks
        for field in fields
        for found in _judged(flag, field)
    ]


def _judged(flag: FlagName, field: FieldKind) -> Iterator[Finding]:
    named, holds = f"the field '{field.caption}'", _HOLDS.get(flag, ("text",))
    if field.kind not in holds:
        right = " or ".join(_NAMES[kind] for kind in holds)
        yield _finding(
            "warning",
            f"{named} is of type {_NAMES[field.kind]}, which cannot hold `{flag}`",
            "it is refused by the PSA or shows something else",
            f"make it {right}, or name another field under `flags` in defaults.yaml",
        )
        return
    if not field.listed:
        yield _finding(
            "note",
            f"{named} is not offered as a column of lists",
            "nobody can sort or filter by it",
            "tick it for list views where the field is made in the PSA",
        )
    missing = [one for one in _OPTIONS.get(flag, ()) if one.casefold() not in _folded(field)]
    if field.kind == "list" and missing:
        yield _finding(
            "warning",
            f"{named} is a list without {', '.join(missing)}",
            "a ticket that needs such a value keeps its old one",
            "add these options to the field",
        )
    if field.kind == "text":
        yield from _text(flag, field, named)
    elif flag == "due" and field.kind == "date":
        yield _finding(
            "note",
            f"{named} is of type Date, which keeps the day only",
            "tickets due today cannot be sorted by the hour",
            "make it Text: it holds the moment in a form that sorts rightly",
        )
    elif flag == "px" and field.kind == "number":
        yield _finding(
            "note",
            f"{named} is of type Number, which keeps the per cents and not how many answered",
            "100 % of one answer looks like 100 % of a hundred",
            "make it Text, and name a field of type Number under `px_percent` to sort by",
        )


def _text(flag: FlagName, field: FieldKind, named: str) -> Iterator[Finding]:
    if flag in ("felt_response", "px_percent"):
        yield _finding(
            "note",
            f"{named} is of type Text",
            "a list sorts it letter by letter: 9 stands behind 100",
            "make it Number, where the PSA has such a type",
        )
    least = _LONGEST.get(flag, 0)
    if 0 < field.length < least:
        yield _finding(
            "warning",
            f"{named} holds {field.length} characters, and `{flag}` has up to {least}",
            "what is cut off is needed to understand it",
            f"make it {least} characters long or more",
        )
    elif not least and 0 < field.length < WHY_LIMIT:
        yield _finding(
            "note",
            f"{named} holds {field.length} characters, and `{flag}` has up to {WHY_LIMIT}",
            "its end is cut off",
            f"make it {WHY_LIMIT} characters long, if the PSA can",
        )


def _folded(field: FieldKind) -> set[str]:
    return {option.casefold() for option in field.options}


def _finding(severity: Severity, found: str, why: str, fix: str) -> Finding:
    return Finding(
        check="fields",
        severity=severity,
        looked_at=_LOOKED,
        found=found,
        why=why,
        fix=fix,
        code="field-type",
    )
