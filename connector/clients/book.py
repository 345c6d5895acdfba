"""All clients of a config folder, and whose ticket is whose.

A file that is wrong is left out and the others go on. A company that two files claim is nobody's until
they agree: a flag by the wrong client's rules is worse than none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from connector.clients.layers import base, house_defaults
from connector.clients.load import Reading, read_policy
from connector.clients.problems import suggestion
from connector.clients.resolve import digest
from connector.errors import ConfigError, ConfigErrors
from connector.rules.policy import Policy

_Company = tuple[str, str]  # connection, casefolded company name or PSA id
_Index = Mapping[_Company, Policy]


@dataclass(frozen=True, slots=True)
class ClientBook:
    """Every client that could be read, in the order of the files, and what is wrong with the rest.

    `digest` changes if and only if a rule of any client does. Immutable.
    """

    policies: tuple[Policy, ...] = ()
    errors: tuple[ConfigError, ...] = ()
    warnings: tuple[ConfigError, ...] = ()
    digest: str = ""
    _index: _Index = field(default_factory=lambda: MappingProxyType({}), repr=False)

    def for_ticket(self, connection: str, client_name: str, client_id: str) -> Policy | None:
        """The policy of a ticket's company, by its PSA id first, then by its name; None if nobody's."""
        for company in (client_id, client_name):
            if company and (policy := self._index.get((connection, company.strip().casefold()))):
                return policy
        return None


def load_clients(config_dir: Path, *, connections: Collection[str] | None = None) -> ClientBook:
    """Every file of `config_dir`/clients. Raises nothing for what a person wrote: see `errors`.

    With `connections`, the names that connector.yaml knows, a `match` with another one is an error.
    """
    folder = Path(config_dir) / "clients"
    if not folder.is_dir():
        error = ConfigError("no such folder: make it and put one file per client in it", file=folder)
        return _book([], [error], {})
    try:
        under = base(house_defaults(Path(config_dir)))
    except ConfigErrors as error:
        return _book([], list(error.errors), {})
    paths = sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml"))
    readings = [read_policy(path, under) for path in paths if not path.name.startswith(".")]
    errors = [error for reading in readings for error in reading.errors]
    good = [reading for reading in readings if reading.policy]
    if connections is not None:
        good = _known_connections(good, connections, errors)
    good = _one_file_a_client(good, errors)
    index = _companies(good, errors)
    if not readings:
        empty = ConfigError("no client's file here: no ticket will be judged", file=folder)
        return _book([], errors, index, [empty])
    return _book(good, errors, index)


def _book(
    good: Iterable[Reading],
    errors: Iterable[ConfigError],
    index: dict[_Company, Policy],
    warnings: Iterable[ConfigError] = (),
) -> ClientBook:
    readings = list(good)
    policies = tuple(reading.policy for reading in readings if reading.policy)
    found = [*warnings, *(one for reading in readings for one in reading.warnings)]
    return ClientBook(
        policies=policies,
        errors=_once(errors),
        warnings=_once(found),
        digest=digest(sorted(policy.digest for policy in policies)),
        _index=MappingProxyType(index),
    )


def _once(errors: Iterable[ConfigError]) -> tuple[ConfigError, ...]:
    """Without repetitions: what is wrong in defaults.yaml is found once per client."""
    return tuple({str(error): error for error in errors}.values())


def _at(reading: Reading, message: str, *loc: str | int) -> ConfigError:
    return reading.tree.error(message, loc) if reading.tree else ConfigError(message, file=reading.path)


def _place(reading: Reading, *loc: str | int) -> str:
    """Where the other one stands, to be named in a message."""
    error = _at(reading, "", *loc)
    return f"{error.file}:{error.line}"


def _known_connections(
    readings: list[Reading], connections: Collection[str], errors: list[ConfigError]
) -> list[Reading]:
    good = []
    for reading in readings:
        match = reading.policy.match if reading.policy else None
        if match is None or match.connection in connections:
            good.append(reading)
            continue
        hint = suggestion(match.connection, connections) or f"; known: {', '.join(sorted(connections))}"
        message = f"no connection {match.connection!r} in connector.yaml{hint}"
        errors.append(_at(reading, message, "match", "connection"))
    return good


def _one_file_a_client(readings: list[Reading], errors: list[ConfigError]) -> list[Reading]:
    """The readings whose client no other file describes; none of two that do."""
    by_name: dict[str, list[Reading]] = {}
    for reading in readings:
        if reading.policy:
            by_name.setdefault(reading.policy.client.casefold(), []).append(reading)
    for first, *others in by_name.values():
        for other in others:
            name = other.policy.client if other.policy else ""
            message = f"client {name!r} is described in {_place(first, 'client')} already: keep one file"
            errors.append(_at(other, message, "client"))
    return [same[0] for same in by_name.values() if len(same) == 1]


def _companies(readings: list[Reading], errors: list[ConfigError]) -> dict[_Company, Policy]:
    claims: dict[_Company, list[tuple[Reading, int]]] = {}
    for reading in readings:
        written = reading.tree.find(["match", "companies"]) if reading.tree else None
        connection = reading.policy.match.connection if reading.policy and reading.policy.match else ""
        for number, company in enumerate(written.plain() if written else ()):
            claimed = claims.setdefault((connection, str(company).strip().casefold()), [])
            if all(other is not reading for other, _ in claimed):
                claimed.append((reading, number))
    index: dict[_Company, Policy] = {}
    for (connection, company), [(first, at), *others] in claims.items():
        if not others and first.policy:
            index[connection, company] = first.policy
        for other, number in others:
            message = (
                f"company {company!r} of connection {connection!r} is matched in "
                f"{_place(first, 'match', 'companies', at)} already: it is nobody's until one file lets go"
            )
            errors.append(_at(other, message, "match", "companies", number))
    return index
