"""Every command line on a page of the documentation is one: the command is there, and has these options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from connector.cli import app
from tests.shared import ROOT
from tests.unit.docs_pages import BY_NAME, PAGES, TEXTS, blocks, prose

TOP: Any = typer.main.get_command(app)
COMMAND = re.compile(r"px-connector((?: +(?:\"[^\"]*\"|'[^']*'|[^\s`|#;&()\"']+))*)")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))


def _commands(page: Path) -> Iterator[list[str]]:
    """The words behind `px-connector` wherever a page shows a command: in a block, or in a line."""
    code = [text.replace("\\\n", " ") for _, text in blocks(page)]
    code += re.findall(r"`([^`\n]+)`", prose(page)) + re.findall(r"^ {4,}(\S.*)$", prose(page), re.MULTILINE)
    for line in (line for text in code for line in text.splitlines()):
        for found in COMMAND.finditer(line.partition(" # ")[0]):
            words = found[1].split()
            if words and re.fullmatch(r"[a-z-]+", words[0]):
                yield words


def _wrong(words: list[str]) -> str:
    """What is wrong with a command line, '' if nothing. Words that are no options are values."""
    command = TOP
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        if words[0] not in command.commands:
            return f"no command {words[0]!r}"
        command, words = command.commands[words[0]], words[1:]
    known = {one for option in command.params for one in (*option.opts, *option.secondary_opts)} | {"--help"}
    given = [word.partition("=")[0].rstrip("],.:|") for word in words if word.lstrip("[").startswith("--")]
    return ", ".join(word for word in (one.lstrip("[") for one in given) if word not in known)


@pytest.mark.parametrize("page", PAGES, ids=BY_NAME)
def test_every_command_exists_with_its_options(page: Path) -> None:
    assert [(" ".join(words), _wrong(words)) for words in _commands(page) if _wrong(words)] == []


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("check --config DIR", ""),
        ("survey annual CLIENT FILE --send", ""),
        ("chekc --config DIR", "no command 'chekc'"),
        ("survey yearly CLIENT", "no command 'yearly'"),
        ("check --confg DIR [--fix]", "--confg, --fix"),
    ],
)
def test_what_is_wrong_is_found(line: str, wrong: str) -> None:
    assert _wrong(line.split()) == wrong


@pytest.mark.parametrize("page", PAGES, ids=BY_NAME)
def test_every_make_target_exists(page: Path) -> None:
    assert set(re.findall(r"(?:`|^ {4})make ([a-z]+)", TEXTS[page], re.MULTILINE)) - TARGETS == set()


def test_many_commands_are_found() -> None:
    assert sum(1 for page in PAGES for _ in _commands(page)) > 100


def test_the_page_of_commands_names_every_one() -> None:
    page = TEXTS[ROOT / "docs" / "commands.md"]
    told = {
        name: [f"px-connector {name}", *(f"{name} {inner}" for inner in getattr(command, "commands", ()))]
        for name, command in TOP.commands.items()
    }
    assert [words for group in told.values() for words in group[:1] if words not in page] == []
    assert [words for words in told["store"] if words not in page] == []
