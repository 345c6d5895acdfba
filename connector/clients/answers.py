"""Which answers count, from the file as written: templates, rules, expressions, and the tests they must pass.

A file whose own examples fail is refused, so a slip in a rule shows before it moves a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from connector.clients.expressions import compiled
from connector.clients.models import ClientFile
from connector.clients.nodes import Loc, Node
from connector.clients.parts import AnswerTest, CountPart
from connector.clients.problems import suggestion
from connector.errors import ConfigError
from connector.model import Actor, Evidence, Message
from connector.rules.authorship import Judgement, decide, judge
from connector.rules.policy import ClientTemplate, CountRule, ResponseRule

_AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class BuiltResponse:
    """What counts as an answer, or what is wrong with it."""

    rule: ResponseRule | None
    errors: tuple[ConfigError, ...] = ()


def build_response(file: ClientFile, tree: Node) -> BuiltResponse:
    """The response rule of a client's file; `tree` is the whole file, for the places of errors."""
    errors = list(_names(file, tree))
    written = file.response
    rule = ResponseRule(
        channels=frozenset(written.channels),
        unknown=written.unknown,
        boilerplate=written.boilerplate,
        stock_texts=written.stock_texts,
        machines=frozenset(_folded(written.machines)),
        not_a_response=tuple(sorted(set(_folded(written.phrases.not_a_response)))),
        response=tuple(sorted(set(_folded(written.phrases.response)))),
        templates=tuple(_templates(file)),
        count=_rules("count", written.count, tree, errors),
        never=_rules("never", written.never, tree, errors),
    )
    if not errors:
        errors += _failing(file, rule, tree)
    return BuiltResponse(None if errors else rule, tuple(errors))


def _folded(names: Iterable[str]) -> Iterator[str]:
    return (name.casefold() for name in names)


def _templates(file: ClientFile) -> Iterator[ClientTemplate]:
    for name, part in file.templates.items():
        yield ClientTemplate(
            name=name,
            match=tuple(part.match),
            min_words=part.min_words,
            content=part.content,
            counts=part.counts,
        )


def _names(file: ClientFile, tree: Node) -> Iterator[ConfigError]:
    """Two rules of one id, and templates that are not there."""
    seen: set[str] = set()
    for table, parts in (("count", file.response.count), ("never", file.response.never)):
        for number, part in enumerate(parts):
            where = ("response", table, number)
            if part.id in seen:
                yield tree.error(f"there is a rule {part.id!r} already: give each its own id", (*where, "id"))
            seen.add(part.id)
            for index, name in enumerate(part.templates):
                if name not in file.templates:
                    hint = suggestion(name, file.templates) or "; describe it under templates"
                    yield tree.error(f"no template {name!r}{hint}", (*where, "templates", index))


def _rules(
    table: str, parts: list[CountPart], tree: Node, errors: list[ConfigError]
) -> tuple[CountRule, ...]:
    rules = []
    for number, part in enumerate(parts):
        holds = None
        if part.when is not None:
            try:
                holds = compiled(part.when)
            except ValueError as error:
                errors.append(tree.error(str(error), ("response", table, number, "when")))
        rules.append(
            CountRule(
                id=part.id,
                authors=frozenset(_folded(part.authors)),
                templates=frozenset(part.templates),
                cause=frozenset(part.cause),
                content=frozenset(part.content),
                channels=frozenset(part.channels),
                when=part.when or "",
                holds=holds,
            )
        )
    return tuple(rules)


def _failing(file: ClientFile, rule: ResponseRule, tree: Node) -> Iterator[ConfigError]:
    """The file's own examples that do not come out as they should."""
    for name, part in file.templates.items():
        for kind, texts in (("match", part.tests.match), ("no_match", part.tests.no_match)):
            for number, text in enumerate(texts):
                message = Message(at=_AT, actor=Actor(kind="staff"), direction="out", text=text)
                judgement = judge(message, rule)
                if (judgement.template == name) != (kind == "match"):
                    where: Loc = ("templates", name, "tests", kind, number)
                    yield tree.error(f"this test fails: {_is(judgement)}", where)
    for number, test in enumerate(file.response.tests):
        message = _message(test)
        judgement = judge(message, rule)
        counted, by = decide(message, judgement, rule)
        found = {
            "counts": counted,
            "cause": judgement.cause,
            "content": judgement.content,
        }
        for key, value in found.items():
            wanted = getattr(test, key)
            if wanted is not None and wanted != value:
                told = f"this test fails: {key} is {str(value).lower()}; {_is(judgement, by)}"
                yield tree.error(told, ("response", "tests", number, key))


def _is(judgement: Judgement, by: Evidence | None = None) -> str:
    """What a message came out as, and why. `by`: the rule that says whether it counts."""
    template = f", the template {judgement.template!r}" if judgement.template else ""
    reasons = ", ".join(one.rule for one in (*((by,) if by else ()), *judgement.evidence[:3]))
    return f"it is {judgement.cause}, {judgement.content}{template} ({reasons})"


def _message(test: AnswerTest) -> Message:
    author = test.author or ""
    return Message(
        at=_AT,
        actor=Actor(kind=test.by, id=author, name=author, team=test.team or ""),
        direction=test.direction,
        channel=test.channel,
        subject=test.subject,
        text=test.text,
        minutes=test.minutes,
    )
