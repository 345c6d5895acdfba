"""A client's YAML, the house's defaults and connector.yaml, as somebody or something may have left them.

Whatever stands in them: an error names file, line and column, or the rules can be used; never a traceback,
never a hang, and no error repeats what may be a secret in the wrong place.
"""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from connector.clients import load_clients
from connector.clients.layers import packaged_defaults
from connector.errors import ConfigError, ConfigErrors
from connector.rules.assess import assess
from connector.settings import load_settings
from connector.ticketlog import ticket_from_json
from fuzz._dice import DEEP, Dice, mangled
from fuzz._watch import SECRET, Finding, Watch, in_memory, keeps_secret

CONFIG = packaged_defaults().parent
LATER = ("connector.settings.connectwise", "connector.settings.autotask", "connector.settings.halo")
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
KINDS = ("client.yaml", "defaults.yaml", "connector.yaml")
_NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_TICKET = ticket_from_json(
    {
        "id": "1",
        "client": "Acme Dental",
        "opened_at": "2026-11-19T08:00:00Z",
        "priority": "P1",
        "status": "On Hold",
        "events": [
            {"at": "2026-11-19T08:00:00Z", "type": "message", "direction": "in", "text": "It is still down!"},
            {"at": "2026-11-19T09:00:00Z", "type": "message", "text": "Left a voicemail", "channel": "phone"},
            {"at": "2026-11-19T09:05:00Z", "type": "status", "from": "New", "to": "On Hold"},
        ],
    }
)


def _good(kind: str) -> Any:
    file = {"client.yaml": CONFIG / "clients" / "acme.yaml"}.get(kind, CONFIG / kind)
    if not file.exists():
        file = next((CONFIG / "clients").glob("*.yaml"))
    return _plain(yaml.safe_load(file.read_text(encoding="utf-8")))


def _plain(value: Any) -> Any:
    """PyYAML's dates as they were written."""
    if isinstance(value, dict):
        return {str(key): _plain(inside) for key, inside in value.items()}
    if isinstance(value, list):
        return [_plain(inside) for inside in value]
    return str(value) if isinstance(value, date) else value


class _Folder:
    def __init__(self) -> None:
        self.watch = Watch()
        self._folder = tempfile.TemporaryDirectory(prefix="px-fuzz-", dir=in_memory())
        self.path = Path(self._folder.name)
        (self.path / "clients").mkdir()
        self.good = {kind: _good(kind) for kind in KINDS}
        self.text = {kind: yaml.safe_dump(value, sort_keys=False) for kind, value in self.good.items()}

        for kind in KINDS:
            self.restore(kind)

    def restore(self, kind: str) -> None:
        good = "{pause: {resume_on_reply: true}}\n" if kind == "defaults.yaml" else self.text[kind]
        self.place(kind).write_text(good, encoding="utf-8")

    def place(self, kind: str) -> Path:
        return self.path / "clients" / "acme.yaml" if kind == "client.yaml" else self.path / kind

    def close(self) -> None:
        self._folder.cleanup()


@cache
def folder() -> _Folder:
    return _Folder()


def close() -> None:
    if folder.cache_info().currsize:
        folder().close()
    folder.cache_clear()


def one(data: bytes) -> None:
    """One of the three files as these bytes decide it, beside two that are as they should be."""
    made, dice = folder(), Dice(data)
    kind = dice.pick(KINDS)
    made.place(kind).write_bytes(_written(kind, made, dice))
    with made.watch.over():
        if kind == "connector.yaml":
            _settings(made.path)
        else:
            _clients(made.path)
    made.restore(kind)


def _written(kind: str, made: _Folder, dice: Dice) -> bytes:
    """The raw bytes, the good file cut and pasted, or its values made strange and one of them a secret."""
    how = dice.below(3)
    if how == 0:
        return dice.rest()
    if how == 1:
        text = bytearray(made.text[kind].encode())
        while dice:
            at, size = dice.below(65536) % (len(text) + 1), dice.below(40)
            text[at : at + size] = dice.take()
        return bytes(text)
    value = _sane(mangled(json.loads(json.dumps(made.good[kind])), dice))
    if dice.byte() & 1:
        value = _with_secret(value, dice)
    if dice.byte() & 1:
        return json.dumps(value).encode("utf-8", "replace")  # JSON is YAML
    return yaml.dump(value, Dumper=_DUMPER, allow_unicode=True).encode("utf-8", "replace")


def _sane(value: Any) -> Any:
    """What PyYAML can write."""
    if value is DEEP:
        return [[[[[[]]]]]]
    if isinstance(value, dict):
        return {str(key): _sane(inside) for key, inside in value.items()}
    if isinstance(value, list):
        return [_sane(inside) for inside in value]
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _with_secret(value: Any, dice: Dice) -> Any:
    """A secret where a value belongs."""
    inside: Any = value
    while isinstance(inside, dict) and inside:
        key = dice.pick(list(inside))
        if not isinstance(inside[key], dict) or not inside[key] or dice.byte() & 1:
            inside[key] = SECRET + "in the wrong place"
            return value
        inside = inside[key]
    return value


def _settings(path: Path) -> None:
    try:
        settings = load_settings(path)
    except ConfigError as error:
        _judge(error)
        keeps_secret(str(error), "an error")
        return
    for connection in settings.connections.values():
        repr(connection)
    [str(error) for error in settings.missing_secrets()]
    keeps_secret(repr(settings.web), "a repr")


def _clients(path: Path) -> None:
    book = load_clients(path)
    for error in (*book.errors, *book.warnings):
        _judge(error)
    for policy in book.policies:
        try:
            assess(*_TICKET, policy, _NOW)
        except (ValueError, OverflowError) as error:  # what `assess` says it raises
            if not str(error):
                raise Finding("an error without a word") from error


def _judge(error: ConfigError) -> None:
    for told in error.errors if isinstance(error, ConfigErrors) else (error,):
        text = str(told)
        if told.file is None or not told.message or "\n" in told.message:
            raise Finding(f"an error that nobody can use: {text[:300]!r}")
        if Path(str(told.file)).suffix == ".yaml" and "no client's file" not in text and told.line < 1:
            raise Finding(f"an error without a place: {text[:300]!r}")
        if len(text) > 2000:
            raise Finding(f"an error of {len(text)} characters: {text[:100]!r}")


_BOMB = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (n + 1, n + 1, b",".join([b"*%c" % n] * 9)) for n in range(ord("a"), ord("k"))
)


def seeds() -> list[bytes]:
    """The good files, bombs, and each way of making them strange."""
    raw = [
        bytes([k, 0]) + (CONFIG / "clients" / name).read_bytes()
        for k in range(2)
        for name in ("acme.yaml",)
        if (CONFIG / "clients" / name).exists()
    ]
    raw += [bytes([2, 0]) + (CONFIG / "connector.yaml").read_bytes()]
    bombs = [
        _BOMB,
        b"[" * 5000,
        b"{a: " * 5000,
        b"- " * 5000,
        b"? " * 5000,
        b"&a [*a]",
        b"a: !!python/object:os.system x",
        b"\xff\xfe",
        b"a: \xc2\x85",
        b"%YAML 9.9\n---\n",
        b"a: |\n" + b" x" * 9000,
        b"!!binary x",
        b"<<: {a: 1}",
    ]
    raw += [bytes([k, 0]) + bomb for k in range(3) for bomb in bombs]
    cut = [bytes([k, 1, n, n * 3, 9, 3, n, n, n]) for k in range(3) for n in range(0, 80, 9)]
    bent = [bytes([k, 2, 1, n, n * 2, 7, n, 5, 1, n, n, 1, n]) for k in range(3) for n in range(0, 120, 5)]
    return [*raw, *cut, *bent]
