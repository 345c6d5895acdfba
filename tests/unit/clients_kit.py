"""Small config folders for the tests of clients and settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.clients import load_policy
from connector.errors import ConfigError, ConfigErrors
from connector.rules.policy import Policy

HEAD = "client: Acme\nmatch: {connection: main, companies: [Acme, 7]}\n"
CALENDAR = "calendar:\n  timezone: Europe/London\n"
TARGETS = 'targets:\n  "*": {response: 1h, resolution: 8h}\n'
MINIMAL = HEAD + CALENDAR + TARGETS


def write(folder: Path, text: str | bytes, name: str = "acme.yaml") -> Path:
    """A client's file in the config folder `folder`."""
    path = folder / "clients" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def policy(folder: Path, text: str) -> Policy:
    return load_policy(write(folder, text))


def errors(folder: Path, text: str | bytes) -> tuple[ConfigError, ...]:
    with pytest.raises(ConfigErrors) as caught:
        load_policy(write(folder, text))
    return caught.value.errors


def shown(found: tuple[ConfigError, ...] | list[ConfigError]) -> list[str]:
    """Errors as "file:line:column: message", with the file's name only."""
    return [str(error).replace(str(error.file), Path(str(error.file)).name) for error in found]
