"""One client's file, read on top of the defaults: a Policy, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from connector.clients.answers import BuiltResponse, build_response
from connector.clients.calendars import BuiltCalendar, build_calendar
from connector.clients.changes import spelt_out
from connector.clients.layers import base, house_defaults, laid_over, packaged_defaults
from connector.clients.models import CalendarPart, ClientFile
from connector.clients.nodes import Node
from connector.clients.problems import problems
from connector.clients.resolve import resolve
from connector.clients.yaml12 import parse, read
from connector.errors import ConfigError, ConfigErrors
from connector.rules.policy import Policy

_FAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of one file. `policy` is None if and only if there are errors."""

    path: Path
    policy: Policy | None
    errors: tuple[ConfigError, ...] = ()
    warnings: tuple[ConfigError, ...] = ()
    tree: Node | None = None  # the file with the defaults under it, for the places of later findings


def load_policy(path: Path, *, defaults: Path | None = None, standalone: bool = False) -> Policy:
    """The policy of one client's file. Raises ConfigErrors with everything that is wrong.

    `defaults` is the house's own defaults file; by default the one of the config folder when the file
    lies in its `clients` folder. The packaged defaults are always below. `standalone` ignores `match`.
    """
    path = Path(path)
    house = defaults
    if house is None and path.absolute().parent.name == "clients":
        house = house_defaults(path.absolute().parent.parent)
    reading = read_policy(path, base(house), standalone=standalone)
    if reading.policy is None:
        raise ConfigErrors(reading.errors)
    return reading.policy


def default_policy() -> Policy:
    """The packaged defaults alone: every hour of every day in UTC counts, and nothing is promised."""
    file = Path("the defaults alone")
    written = b'client: (defaults)\ncalendar: {timezone: UTC, week: 24x7}\ntargets: {"*": {}}\n'
    reading = _read(laid_over(base(None), parse(written, file)), file, standalone=True)
    if reading.policy is None:
        raise ConfigErrors(reading.errors)
    return reading.policy


def written_rules(path: Path) -> list[tuple[str, str]]:
    """What is in force for a client, as it was written: (file, text), the lowest layer first.

    Packaged defaults, the house's, the client's own. Raises ConfigError if one cannot be read.
    """
    house = (
        house_defaults(path.absolute().parent.parent) if path.absolute().parent.name == "clients" else None
    )
    files = [packaged_defaults(), *([house] if house else []), path]
    try:
        return [(file.name, file.read_bytes().decode("utf-8")) for file in files]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", file=path) from error


def policy_of(written: Sequence[tuple[str, str]], *, standalone: bool = False) -> Policy:
    """The rules that `written_rules` amount to. Raises ConfigErrors, ConfigError where they are no YAML."""
    layers = [parse(text.encode("utf-8"), Path(name)) for name, text in written]
    tree = layers[0]
    for layer in layers[1:]:
        tree = laid_over(tree, layer)
    reading = _read(tree, Path(written[-1][0]), standalone=standalone)
    if reading.policy is None:
        raise ConfigErrors(reading.errors)
    return reading.policy


def read_policy(path: Path, under: Node, *, standalone: bool = False) -> Reading:
    """One client's file laid over the defaults `under`. Raises nothing for what a person wrote."""
    try:
        return _read(laid_over(under, read(path)), path, standalone=standalone)
    except ConfigError as error:
        return Reading(path, None, (error,))


def _read(tree: Node, path: Path, *, standalone: bool) -> Reading:
    if standalone and isinstance(tree.value, dict):
        tree.value["match"] = Node(None, path)
    tree = spelt_out(tree)
    file, errors = _checked(tree)
    built = _calendar(file, tree, errors)
    by_row = _row_calendars(file, tree)
    errors += [*built.errors, *(error for row in by_row.values() for error in row.errors)]
    errors += _rows(tree) if file else ()
    answers = build_response(file, tree) if file else BuiltResponse(None)
    errors += answers.errors
    if file is None or built.calendar is None or answers.rule is None or errors:
        told = {str(error): error for error in errors}  # what a calendar inherits is told once
        in_order = sorted(told.values(), key=lambda e: (e.file != path, e.line, e.column))
        return Reading(path, None, tuple(in_order))
    calendars = {name: row.calendar for name, row in by_row.items() if row.calendar}
    policy = resolve(file, built.calendar, calendars, answers.rule, path)
    return Reading(path, policy, (), (*built.warnings, *_warnings(policy, tree)), tree)


def _row_calendars(file: ClientFile | None, tree: Node) -> dict[str, BuiltCalendar]:
    """The calendars of the rows of targets that have one of their own."""
    return {
        name: build_calendar(row.calendar, tree, ("targets", name, "calendar"))
        for name, row in (file.targets.items() if file else ())
        if row.calendar is not None
    }


def _checked(tree: Node) -> tuple[ClientFile | None, list[ConfigError]]:
    try:
        return ClientFile.model_validate(tree.plain()), []
    except ValidationError as error:
        return None, problems(error, tree, ClientFile)


def _calendar(file: ClientFile | None, tree: Node, errors: list[ConfigError]) -> BuiltCalendar:
    """The calendar, also where another part of the file is wrong: all errors are told at once."""
    if file is not None:
        return build_calendar(file.calendar, tree)
    written = tree.find(["calendar"])
    try:
        return build_calendar(CalendarPart.model_validate(written.plain() if written else None), tree)
    except ValidationError:
        return BuiltCalendar(None)  # its errors are among `errors` already


def _rows(tree: Node) -> Iterator[ConfigError]:
    """Two rows of targets, or two flags, that would be one."""
    for table, what in (("targets", "row"), ("flags", "field"), ("company_flags", "field")):
        node = tree.find([table])
        seen: dict[str, str] = {}
        for key, value in node.value.items() if node and isinstance(node.value, dict) else ():
            if table != "targets" and value.value is None:
                continue
            same = (key if table == "targets" else str(value.value)).casefold()
            if same in seen:
                message = f"{key!r} and {seen[same]!r} are the same {what}: keep one"
                yield tree.error(message, (table, key), key=True)
            seen.setdefault(same, key)


def _warnings(policy: Policy, tree: Node) -> Iterator[ConfigError]:
    today = datetime.now(UTC).date()
    if policy.enforce_from and policy.enforce_from > today + _FAR:
        yield tree.error("more than a year ahead: until then nothing is flagged", ("enforce_from",))
    if "*" not in policy.targets:
        yield tree.error('no "*" row: tickets of any other priority have no promise', ("targets",), key=True)
