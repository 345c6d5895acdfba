"""A folder of packed JSON lines that only we can read, with a list of what is in it."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connector.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Written:
    """One file: its path below the folder, its lines, and its SHA-256."""

    file: str
    lines: int
    sha256: str


@dataclass(slots=True)
class Folder:
    """Made new, or empty until now. ConfigError if it holds anything or cannot be made."""

    path: Path
    written: list[Written] = field(default_factory=list)

    def __post_init__(self) -> None:
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if any(self.path.iterdir()):
                raise ConfigError("is not empty: name a new folder", file=self.path)
        except OSError as error:
            raise ConfigError(f"cannot be written: {error.strerror}", file=self.path) from error

    async def write(self, name: str, lines: AsyncIterator[Mapping[str, Any]]) -> None:
        """Add a file of these lines; the disk's errors as ConfigError."""
        path = self.path / name
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            number = 0
            with _new(path) as plain, gzip.GzipFile("", "wb", 6, plain, mtime=0) as packed:
                async for line in lines:
                    packed.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
                    number += 1
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise ConfigError(f"cannot be written: {error.strerror}", file=path) from error
        self.written.append(Written(name, number, found))

    def free_name(self, pattern: str, title: str) -> str:
        """A name for a file about something, safe on any disk and not taken yet."""
        plain = re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")[:60] or "client"
        taken = {one.file for one in self.written}
        number, name = 1, pattern.format(plain)
        while name in taken:
            number += 1
            name = pattern.format(f"{plain}-{number}")
        return name

    def finish(self, about: Mapping[str, Any]) -> None:
        """Write down what is here: whoever finds `manifest.json` has all of it."""
        files = [{"file": one.file, "lines": one.lines, "sha256": one.sha256} for one in self.written]
        with _new(self.path / "manifest.json") as file:
            file.write(json.dumps({**about, "files": files}, indent=1).encode() + b"\n")


def _new(path: Path) -> Any:
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, 0o600), "wb")
