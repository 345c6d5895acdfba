"""The pages as the tests of the documentation read them: prose and code told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.shared import ROOT

DOCS = ROOT / "docs"
PAGES = [
    *(ROOT / "README.md", ROOT / "CHANGELOG.md"),
    *(page for folder in ("docs", "deploy") for page in sorted((ROOT / folder).rglob("*.md"))),
]
TEXTS = {page: page.read_text(encoding="utf-8") for page in PAGES}
BY_NAME = [str(page.relative_to(ROOT)) for page in PAGES]
_FENCE = re.compile(r"^( *)```([^\n]*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)


def prose(page: Path) -> str:
    """The page without its blocks of code."""
    return _FENCE.sub("", TEXTS[page])


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    """Language and text of every block of code. A language with more words behind it is another one."""
    for indent, language, text in _FENCE.findall(TEXTS[page]):
        yield language.strip(), re.sub(rf"^{indent}", "", text, flags=re.MULTILINE)


def links(page: Path) -> list[str]:
    """Where the page's links and pictures point."""
    return re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose(page)))
