"""Errors named by what the caller must do, not by where they came from.

ConnectorError
├── ConfigError          a person must edit a file; says which, where and what was expected
│   └── ConfigErrors     all that is wrong with the files, together
│       └── CanaryNeeded nothing is wrong with them, but a connection may not write before its canary
├── AuthFailed           stop this connection and tell a human; never try again by itself
├── Throttled            wait `retry_after` seconds, then go on
├── Unavailable          back off and try again
├── Rejected             the PSA refuses this write; keep it, show it, do not repeat it
├── NotFound             the ticket is gone
├── Conflict             somebody else changed it; observe again
└── ContractViolation    the vendor broke its own shape; quarantine the ticket, keep the connection
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

LONGEST = 1000
"""Characters of a message about a file."""


class ConnectorError(Exception):
    """Root of everything this package raises on purpose."""


class ConfigError(ConnectorError):
    """A person must edit a file.

    `file` may be None for a value that came from the environment; `line` and `column` count from 1
    and are 0 where the position is unknown. A message is cut after LONGEST characters: it may repeat a value.
    """

    def __init__(
        self, message: str, *, file: Path | str | None = None, line: int = 0, column: int = 0
    ) -> None:
        self.message = message if len(message) <= LONGEST else message[:LONGEST] + "…"
        self.file, self.line, self.column = file, line, column
        super().__init__(str(self))

    def __str__(self) -> str:
        where = [str(self.file)] if self.file is not None else []
        if self.line:
            where += [str(self.line), str(self.column or 1)]
        return ":".join(where) + ": " + self.message if where else self.message


class ConfigErrors(ConfigError):
    """Everything that is wrong with the files read together: `errors`, in reading order, at least one.

    It stands at the first error's place, and as text it is one line an error.
    """

    def __init__(self, errors: Iterable[ConfigError]) -> None:
        self.errors = tuple(errors)
        first = self.errors[0]
        super().__init__(first.message, file=first.file, line=first.line, column=first.column)

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


class CanaryNeeded(ConfigErrors):
    """Connections are told to write, and nobody has watched a test write of theirs. One error for each."""


class AuthFailed(ConnectorError):
    """Credentials refused. Stop the connection and tell a human; hammering locks accounts."""


class Throttled(ConnectorError):
    """The PSA asks for patience: wait `retry_after` seconds."""

    def __init__(self, message: str, *, retry_after: float = 30.0) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class Unavailable(ConnectorError):
    """The PSA did not answer, or answered with its own failure. Back off and try again."""


class Rejected(ConnectorError):
    """The PSA refuses this write for good."""


class Unproven(Rejected):
    """A delivery of a kind that may come unsigned: a reason to look for oneself, and proof of nothing."""


class NotFound(ConnectorError):
    """The thing asked for is gone."""


class Conflict(ConnectorError):
    """Somebody else changed it meanwhile; observe again."""


class ContractViolation(ConnectorError):
    """The vendor broke its own shape; quarantine the ticket, keep the connection."""
