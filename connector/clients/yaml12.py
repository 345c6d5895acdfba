"""YAML that means what it shows, and knows where every value stands.

PyYAML speaks YAML 1.1, where `NO` is false, `22:30` is 1350 and `2026-12-25` is a date. Here only the
1.2 words are typed: null, true and false, and decimal numbers as JSON writes them. All else is text,
also `007` and `0x1F`, which in our files can only be somebody's id. Keys are always text.

The events of the parser are put together here, not by PyYAML's composer, so that bad input has bounds:
size, depth, and the number of values after aliases are followed are checked before anything grows.
No message repeats a value of the file: it may be a secret in the wrong place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from connector.clients.nodes import Node, Place, Scalar
from connector.errors import ConfigError

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_VALUES = 100_000

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN_KEY = "a key must be plain text"
_STR_TAG = "tag:yaml.org,2002:str"
_WORDS: dict[str, Scalar] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?([eE][-+]?[0-9]{1,3})?")
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def scalar(text: str) -> Scalar:
    """What a plain (unquoted) scalar means."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def read(path: Path) -> Node:
    """The mapping a file holds. Raises ConfigError if it cannot be read, is not YAML, or is no mapping."""
    try:
        if not path.is_file():
            raise ConfigError("no such file" if not path.exists() else "this is not a file", file=path)
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=path) from error
    return parse(raw, path)


def parse(raw: bytes, file: Path) -> Node:
    """The mapping that these bytes of `file` hold. Raises ConfigError."""
    text = _decode(raw, file)
    try:
        root = _Builder(file).build(yaml.parse(text, Loader=_LOADER))
    except yaml.YAMLError as error:
        raise _syntax_error(error, text, file) from error
    if root is None or root.value is None:
        raise ConfigError("the file is empty: expected keys and values", file=file, line=1, column=1)
    if not isinstance(root.value, dict):
        raise root.error("expected keys and values, like `client: Acme`")
    return root


def _decode(raw: bytes, file: Path) -> str:
    if len(raw) > MAX_BYTES:
        raise ConfigError("the file is larger than 1 MB; is it the right one?", file=file, line=1, column=1)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig", errors="replace")
        raise _at_end_of(before, "this is not UTF-8 text: save the file as UTF-8", file) from error
    if bad := _UNPRINTABLE.search(text):
        raise _at_end_of(text[: bad.start()], f"control character U+{ord(bad[0]):04X}: remove it", file)
    return text


def _at_end_of(text: str, message: str, file: Path) -> ConfigError:
    lines = text.split("\n")
    return ConfigError(message, file=file, line=len(lines), column=len(lines[-1]) + 1)


def _syntax_error(error: yaml.YAMLError, text: str, file: Path) -> ConfigError:
    if not isinstance(error, yaml.MarkedYAMLError):
        return ConfigError("not valid YAML", file=file, line=1, column=1)
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.splitlines()
    written = lines[line - 1] if line <= len(lines) else ""
    indent = written[: len(written) - len(written.lstrip())]
    if "\t" in indent:
        return ConfigError(
            "a tab: YAML is indented with spaces", file=file, line=line, column=indent.index("\t") + 1
        )
    message = f"not valid YAML: {error.problem or 'cannot be understood'}"
    opened = error.context_mark
    if error.context and opened and opened.line + 1 != line:
        message += f", {error.context} that begins in line {opened.line + 1}"
    elif error.context:
        message += f", {error.context}"
    return ConfigError(message, file=file, line=line, column=column)


class _Builder:
    """Puts nodes together from parser events, without recursion."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.anchors: dict[str, Node] = {}
        self.open: list[tuple[Node, str | None]] = []  # collections not yet closed, and their anchors
        self.pending: list[str | None] = []  # for each of them: a key that awaits its value

    def build(self, events: Iterator[Any]) -> Node | None:
        root: Node | None = None
        for event in events:
            place = (event.start_mark.line + 1, event.start_mark.column + 1)
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                raise self.error("a second document begins here: one file holds one", place)
            done = self._take(event, place)
            if done is not None and not self.open:
                root = done
        return root

    def error(self, message: str, place: Place) -> ConfigError:
        return ConfigError(message, file=self.file, line=place[0], column=place[1])

    def _take(self, event: Any, place: Place) -> Node | None:
        """The node that this event completes, already added to its parent."""
        if isinstance(event, yaml.CollectionStartEvent):
            self._open(event, place)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.pending.pop()
            node, anchor = self.open.pop()
            return self._add(node, anchor, place)
        elif isinstance(event, yaml.AliasEvent):
            if self._awaits_key():
                raise self.error(_PLAIN_KEY, place)
            if event.anchor not in self.anchors:
                raise self.error("this alias has no anchor before it", place)
            return self._add(self.anchors[event.anchor], None, place)
        elif isinstance(event, yaml.ScalarEvent):
            self._no_tag(event.tag, place)
            if self._awaits_key():
                self._key(event.value, place)
                return None
            plain = event.implicit[0] and event.tag is None
            value = scalar(event.value) if plain else event.value
            return self._add(Node(value, self.file, place), event.anchor, place)
        return None

    def _open(self, event: Any, place: Place) -> None:
        self._no_tag(event.tag, place)
        mapping = isinstance(event, yaml.MappingStartEvent)
        if self._awaits_key():
            raise self.error(_PLAIN_KEY, place)
        if len(self.open) >= MAX_DEPTH:
            raise self.error(f"nested deeper than {MAX_DEPTH} levels", place)
        self.open.append((Node({} if mapping else [], self.file, place), event.anchor))
        self.pending.append(None)

    def _awaits_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1][0].value, dict) and self.pending[-1] is None

    def _no_tag(self, tag: str | None, place: Place) -> None:
        if tag not in (None, "!", _STR_TAG):
            raise self.error("tags (!…) are not used here: write the plain value", place)

    def _key(self, key: str, place: Place) -> None:
        node = self.open[-1][0]
        if key in node.keys:
            raise self.error(f"{key!r} is written twice; first in line {node.keys[key][0]}", place)
        node.keys[key] = place
        self.pending[-1] = key

    def _add(self, node: Node, anchor: str | None, place: Place) -> Node:
        if anchor:
            self.anchors[anchor] = node
        if self.open:
            parent = self.open[-1][0]
            parent.size += node.size
            parent.height = max(parent.height, node.height + 1)
            if parent.size > MAX_VALUES or parent.height > MAX_DEPTH:
                raise self.error(f"aliases grow beyond {MAX_VALUES:,} values or {MAX_DEPTH} levels", place)
            if isinstance(parent.value, list):
                parent.value.append(node)
            elif isinstance(parent.value, dict) and (key := self.pending[-1]) is not None:
                parent.value[key] = node
                self.pending[-1] = None
        return node
