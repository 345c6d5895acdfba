"""ConnectWise's conditions language: text in, a predicate over a record out, or a 400 as the vendor gives.

Strings in double quotes, numbers bare, True/False, null, instants in brackets and in UTC, references
with a slash, `not` before an operator or a group. `lastUpdated`, `dateEntered`, `updatedBy` and
`enteredBy` work as top-level names although they lie in `_info`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import translate
from typing import Any, NoReturn, TypeAlias

from connector.simulator.connectwise.errors import bad_condition

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<when>\[[^\]]*\])|(?P<number>-?\d+(?:\.\d+)?)(?![\w/])"""
    r"""|(?P<name>[A-Za-z_][\w/]*)|(?P<op><=|>=|!=|=|<|>)|(?P<mark>[(),]))"""
)
_WORD_OPS = ("in", "like", "contains")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?Z?)?")
_MAX_DEPTH = 50


class Stamp(str):
    """An instant as ConnectWise writes it; compares as text because all are UTC and whole seconds."""


Literal: TypeAlias = str | float | bool | None


@dataclass(frozen=True, slots=True)
class Test:
    path: str
    op: str
    value: Literal | tuple[Literal, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Node


Node: TypeAlias = Test | All | AnyOf | Not
EVERYTHING = All(())


def parse(text: str) -> Node:
    """The conditions as a tree. ApiError 400 ApiFindCondition when they are not in the language."""
    return _Parser(text).whole() if text.strip() else EVERYTHING


def _fail(message: str) -> NoReturn:
    raise bad_condition(message)


def _stamp(text: str) -> Stamp:
    """Only whole seconds in UTC: an offset is what the real server is known to misread."""
    if not _INSTANT.fullmatch(text):
        _fail(f"'{text}' is not a valid UTC datetime, expected yyyy-MM-ddTHH:mm:ssZ")
    try:
        at = datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError:
        _fail(f"'{text}' is not a valid datetime")
    return Stamp(at.strftime("%Y-%m-%dT%H:%M:%SZ"))


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = list(self._tokens(text))
        self.at = self.depth = 0

    @staticmethod
    def _tokens(text: str) -> list[tuple[str, str]]:
        found, position = [], 0
        text = text.rstrip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None:
                _fail(f"Unexpected character '{text[position:].strip()[:1]}' at position {position}")
            found.append((str(match.lastgroup), match[str(match.lastgroup)]))
            position = match.end()
        return found

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "end of conditions")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.at += 1
        return token

    def word(self, *words: str) -> str:
        """The next token if it is one of these words (any case), taken; '' if not."""
        kind, text = self.peek()
        if kind in ("name", "op", "mark") and text.casefold() in words:
            self.at += 1
            return text.casefold()
        return ""

    def whole(self) -> Node:
        node = self.either()
        if self.peek()[0] != "end":
            _fail(f"Unexpected '{self.peek()[1]}'")
        return node

    def either(self) -> Node:
        parts = [self.both()]
        while self.word("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def both(self) -> Node:
        parts = [self.single()]
        while self.word("and"):
            parts.append(self.single())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def single(self) -> Node:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            _fail("Conditions are nested too deeply")
        try:
            if self.word("not"):
                return Not(self.single())
            if self.word("("):
                node = self.either()
                if not self.word(")"):
                    _fail("Missing ')'")
                return node
            return self.test()
        finally:
            self.depth -= 1

    def test(self) -> Node:
        kind, path = self.take()
        if kind != "name":
            _fail(f"Expected a field name, found '{path}'")
        negated = bool(self.word("not"))
        kind, op = self.take()
        op = op.casefold()
        if not (op in _WORD_OPS or (kind == "op" and not negated)):
            _fail(f"Unknown operator '{op}' after '{path}'")
        value = self.many() if op == "in" else self.literal()
        if op in ("like", "contains") and not isinstance(value, str):
            _fail(f"'{op}' needs a text")
        return Test(path, op, value, negated)

    def many(self) -> tuple[Literal, ...]:
        if not self.word("("):
            _fail("'in' needs a list in parentheses")
        values = [self.literal()]
        while self.word(","):
            values.append(self.literal())
        if not self.word(")"):
            _fail("Missing ')' after the list of 'in'")
        return tuple(values)

    def literal(self) -> Literal:
        kind, text = self.take()
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", text[1:-1]).replace("[[]", "[")
        if kind == "when":
            return _stamp(text[1:-1].strip())
        if kind == "number":
            return float(text) if "." in text else int(text)
        words: dict[str, Literal] = {"true": True, "false": False, "null": None}
        if kind == "name" and text.casefold() in words:
            return words[text.casefold()]
        _fail(f"Expected a value, found '{text}'")


# ── evaluation ────────────────────────────────────────────────────────────────────────────────

Getter: TypeAlias = Callable[[Any], Any]


def compile_node(node: Node, getter: Callable[[str], Getter]) -> Callable[[Any], bool]:
    """The tree as one function over records; `getter` gives the reader of a path or raises ApiError."""
    if isinstance(node, Test):
        return _compile_test(node, getter(node.path))
    if isinstance(node, Not):
        part = compile_node(node.part, getter)
        return lambda record: not part(record)
    parts = [compile_node(part, getter) for part in node.parts]
    if isinstance(node, All):
        return lambda record: all(part(record) for part in parts)
    return lambda record: any(part(record) for part in parts)


def _fold(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _compile_test(test: Test, read: Getter) -> Callable[[Any], bool]:
    decide = _decider(test)
    if test.negated:
        return lambda record: not decide(_checked(test, read(record)))
    return lambda record: decide(_checked(test, read(record)))


def _checked(test: Test, value: Any) -> Any:
    """The value folded for comparison; a type that cannot be compared is the caller's mistake."""
    sample = test.value[0] if isinstance(test.value, tuple) else test.value
    if value is None or sample is None:
        return _fold(value)
    if isinstance(value, Stamp) != isinstance(sample, Stamp) or isinstance(value, str) != isinstance(
        sample, str
    ):
        raise bad_condition(f"'{test.path}' cannot be compared with {sample!r}")
    return _fold(value)


def _decider(test: Test) -> Callable[[Any], bool]:
    if isinstance(test.value, tuple):
        wanted = frozenset(_fold(value) for value in test.value)
        return lambda value: value in wanted
    want = _fold(test.value)
    if test.op == "like":
        wildcards = str(want).replace("%", "*").replace("[", "[[]").replace("?", "[?]")
        pattern = re.compile(translate(wildcards))
        return lambda value: value is not None and pattern.match(value) is not None
    plain: dict[str, Callable[[Any], bool]] = {
        "=": lambda value: value == want,
        "!=": lambda value: value != want,
        "<": lambda value: value is not None and value < want,
        "<=": lambda value: value is not None and value <= want,
        ">": lambda value: value is not None and value > want,
        ">=": lambda value: value is not None and value >= want,
        "contains": lambda value: value is not None and want in value,
    }
    if want is None and test.op not in ("=", "!="):
        _fail(f"'{test.op}' cannot be used with null")
    return plain[test.op]
