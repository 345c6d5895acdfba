"""Which vendors there are and what keys each has: packages say so by entry point, ours as any other.

`px_connector.settings` names a vendor's keys (a subclass of `Connection`), `px_connector.psa` its adapter.
Only what a file names is loaded, and adapters are not loaded here at all: `check` needs no HTTP.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib.metadata import EntryPoints, entry_points
from typing import Any

from connector.errors import ConfigError
from connector.settings.connection import Connection

KEYS, ADAPTERS = "px_connector.settings", "px_connector.psa"


@cache
def _look(group: str, _path: tuple[str, ...]) -> EntryPoints:
    return entry_points(group=group)


def _said(group: str) -> EntryPoints:
    """What the installed packages say: looked up once, for that reads every package's papers."""
    return _look(group, tuple(sys.path))


def installed() -> list[str]:
    """The vendors that have an adapter here, sorted."""
    return sorted(_said(ADAPTERS).names)


def expected(vendor: str) -> str:
    """What is said of a vendor that has no adapter here."""
    names = [repr(name) for name in installed()]
    listed = f"{', '.join(names[:-1])} or {names[-1]}" if names[1:] else "".join(names) or "no vendor at all"
    known = f": no adapter for {vendor} is installed" if vendor in _said(KEYS).names else ""
    return f"expected {listed}{known}"


def keys_of(vendor: str) -> type[Connection]:
    """The model of a vendor's connection. ConfigError if its package is broken."""
    found = loaded(KEYS, vendor)
    if not (isinstance(found, type) and issubclass(found, Connection)):
        raise ConfigError(f"{KEYS} of {vendor} is no kind of Connection: its package is broken")
    return found


def loaded(group: str, vendor: str) -> Any:
    """What a package says of this vendor. ConfigError if there is none or it cannot be imported."""
    for point in _said(group).select(name=vendor):
        try:
            return point.load()
        except (ImportError, AttributeError) as error:
            raise ConfigError(f"the adapter of {vendor} cannot be loaded ({point.value}): {error}") from error
    raise ConfigError(f"nothing is installed as {group} of {vendor!r}; {expected(vendor)}")
