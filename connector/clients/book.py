"""All clients of a config folder, and whose ticket is whose.

A file that is wrong is left out and the others go on. A company that two files claim is nobody's until
they agree: a flag by the wrong client's rules is worse than none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from connector.clients.layers import base, house_defaults
from connector.clients.load import Reading, read_policy
from connector.clients.nodes import Node
from connector.clients.problems import suggestion
from connector.clients.resolve import digest
from connector.errors import ConfigError, ConfigErrors
from connector.rules.policy import Policy

_Company = tuple[str, str]  # connection, casefolded company name or PSA id
_Stamp = tuple[int, int, int] | None
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
    _files: frozenset[str] | None = field(default=None, repr=False)  # None: the folder could not be read
    _connections: tuple[ConfigError, ...] = field(default=(), repr=False)  # each as named, where it is named
    _channels: tuple[ConfigError, ...] = field(default=(), repr=False)
    _grouped: dict[str, tuple[tuple[Policy, ...], str]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )  # by connection, made when first asked for

    def of(self, connection: str) -> tuple[Policy, ...]:
        """The rules of this connection's clients, in the order of the files."""
        return self._of(connection)[0]

    def digest_of(self, connection: str) -> str:
        """Changes if and only if a rule of any client of this connection does."""
        return self._of(connection)[1]

    def _of(self, connection: str) -> tuple[tuple[Policy, ...], str]:
        if not self._grouped:
            found: dict[str, list[Policy]] = {}
            for policy in self.policies:
                if policy.match is not None:
                    found.setdefault(policy.match.connection, []).append(policy)
            self._grouped.update({name: (tuple(some), _digest(some)) for name, some in found.items()})
        return self._grouped.get(connection) or ((), _digest(()))

    def for_ticket(self, connection: str, client_name: str, client_id: str) -> Policy | None:
        """The policy of a ticket's company, by its PSA id first, then by its name; None if nobody's."""
        for company in (client_id, client_name):
            if company and (policy := self._index.get((connection, company.strip().casefold()))):
                return policy
        return None

    def unknown_connections(self, known: Collection[str]) -> list[ConfigError]:
        """Every `match` with a connection that connector.yaml does not have."""
        return _unknown("connection", self._connections, known)

    def unknown_channels(self, known: Collection[str]) -> list[ConfigError]:
        """Every channel of `notify` that connector.yaml does not have: nobody is told there."""
        return _unknown("channel", self._channels, known)

    def keeping(self, before: ClientBook) -> ClientBook:
        """This book, with the rules of `before` for files that are there and cannot be used now.

        A company that has become contested stays with the client it was with.
        """
        sources, names = ({getattr(p, key) for p in self.policies} for key in ("source", "client"))
        kept = [
            policy
            for policy in before.policies
            if policy.source not in sources
            and policy.client not in names
            and (self._files is None or policy.source in self._files)
        ]
        policies = tuple(sorted((*self.policies, *kept), key=lambda policy: policy.source))
        current = {policy.source: policy for policy in policies}
        index = dict(self._index)
        for (connection, company), was in before._index.items():
            match = current[was.source].match if was.source in current else None
            if match and match.connection == connection and company in match.companies:
                index.setdefault((connection, company), current[was.source])
        return replace(self, policies=policies, digest=_digest(policies), _index=MappingProxyType(index))


class Readings:
    """Client files as they were read last: a fleet has thousands, and one of them is edited at a time."""

    def __init__(self) -> None:
        self._kept: dict[Path, tuple[_Stamp, Reading]] = {}
        self._house: _Stamp = None

    def of(self, paths: Iterable[Path], under: Node, house: _Stamp) -> list[Reading]:
        """Those of `paths`, in their order, on top of `under`, which was read from a file of that stamp."""
        before = self._kept if house == self._house else {}
        self._kept, self._house = {}, house
        for path in paths:
            stamp, kept = _stamp(path), before.get(path)
            if kept is None or stamp is None or kept[0] != stamp:
                kept = stamp, read_policy(path, under)
            self._kept[path] = kept
        return [reading for _, reading in self._kept.values()]


def load_clients(config_dir: Path, readings: Readings | None = None) -> ClientBook:
    """Every file of `config_dir`/clients. Raises nothing for what a person wrote: see `errors`.

    With `readings` only those are read again that have changed since they were last given.
    """
    folder = Path(config_dir) / "clients"
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml"))
    except OSError as error:
        message = f"cannot be read ({error.strerror}): make this folder and put one file per client in it"
        return ClientBook(errors=(ConfigError(message, file=folder),), digest=_digest(()))
    paths = [path for path in paths if not path.name.startswith(".")]
    files = frozenset(str(path) for path in paths)
    house = house_defaults(Path(config_dir))
    stamp = _stamp(house) if house else None
    try:
        under = base(house)
    except ConfigErrors as error:
        return ClientBook(errors=error.errors, digest=_digest(()), _files=files)
    return _book((readings or Readings()).of(paths, under, stamp), folder, files)


def _stamp(path: Path) -> _Stamp:
    """What changes with the file, taken before it is read; None if it cannot be told."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _book(readings: list[Reading], folder: Path, files: frozenset[str]) -> ClientBook:
    errors = [error for reading in readings for error in reading.errors]
    warnings = [warning for reading in readings for warning in reading.warnings]
    if not readings:
        warnings.append(ConfigError("no client's file here: no ticket will be judged", file=folder))
    good = _one_file_a_client([reading for reading in readings if reading.policy], errors)
    index = _companies(good, errors)
    policies = tuple(reading.policy for reading in good if reading.policy)
    return ClientBook(
        policies=policies,
        errors=_once(errors),
        warnings=_once(warnings),
        digest=_digest(policies),
        _index=MappingProxyType(index),
        _files=files,
        _connections=tuple(
            _at(reading, reading.policy.match.connection, "match", "connection")
            for reading in good
            if reading.policy and reading.policy.match
        ),
        _channels=tuple(named for reading in good for named in _channels(reading)),
    )


def _channels(reading: Reading) -> Iterator[ConfigError]:
    """Every channel the file names, each as named, where it is named."""
    for way in ("at_once", "digest"):
        written = reading.tree.find(["notify", way]) if reading.tree else None
        for event, names in (written.plain() if written else {}).items():
            if isinstance(names, list):
                yield from (_at(reading, str(name), "notify", way, event, n) for n, name in enumerate(names))
            else:
                yield _at(reading, str(names), "notify", way, event)


def _unknown(what: str, named: Iterable[ConfigError], known: Collection[str]) -> list[ConfigError]:
    """Those that are not known. `named`: what is named as the message, and where."""
    found = []
    for one in named:
        if one.message not in known:
            hint = suggestion(one.message, known) or f"; known: {', '.join(sorted(known)) or 'none'}"
            message = f"no {what} {one.message!r} in connector.yaml{hint}"
            found.append(ConfigError(message, file=one.file, line=one.line, column=one.column))
    return found


def _digest(policies: Iterable[Policy]) -> str:
    return digest(sorted(policy.digest for policy in policies))


def _once(errors: Iterable[ConfigError]) -> tuple[ConfigError, ...]:
    """Without repetitions: what is wrong in defaults.yaml is found once per client."""
    return tuple({str(error): error for error in errors}.values())


def _at(reading: Reading, message: str, *loc: str | int) -> ConfigError:
    return reading.tree.error(message, loc) if reading.tree else ConfigError(message, file=reading.path)


def _place(reading: Reading, *loc: str | int) -> str:
    """Where the other one stands, to be named in a message."""
    error = _at(reading, "", *loc)
    return f"{error.file}:{error.line}"


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
