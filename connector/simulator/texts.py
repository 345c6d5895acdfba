"""What people and machines write at the pretend MSP. Shared strings keep a large history small."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any


def read_toml(name: str) -> dict[str, Any]:
    """A data file of this package."""
    return tomllib.loads(resources.files(__package__).joinpath(name).read_text("utf-8"))


_ALL = read_toml("texts.toml")
REQUESTS: tuple[tuple[str, str], ...] = tuple((item["summary"], item["text"]) for item in _ALL["requests"])
ACKNOWLEDGEMENTS: list[str] = _ALL["acknowledgements"]
BOILERPLATE: list[str] = _ALL["boilerplate"]
ANSWERS: list[str] = _ALL["answers"]
CALLS: list[str] = _ALL["calls"]
REPLIES: list[str] = _ALL["replies"]
INTERNAL: list[str] = _ALL["internal"]
SOLUTIONS: list[str] = _ALL["solutions"]
COMMENTS: dict[int, str] = dict(enumerate(_ALL["comments"], start=1))
