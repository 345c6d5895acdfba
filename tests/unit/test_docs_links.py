"""Every link of the documentation leads somewhere, and the index names every page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.shared import ROOT
from tests.unit.docs_pages import BY_NAME, DOCS, PAGES, TEXTS, links, prose


def _slug(heading: str) -> str:
    """The anchor GitHub gives a heading."""
    words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")


def _anchors(page: Path) -> set[str]:
    found: set[str] = set(re.findall(r'<a id="([^"]+)"', prose(page)))
    for heading in re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE):
        slug = _slug(heading)
        again = (f"{slug}-{number}" for number in range(1, 99))
        found.add(slug if slug not in found else next(one for one in again if one not in found))
    return found


ANCHORS = {page: _anchors(page) for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=BY_NAME)
def test_every_link_leads_somewhere(page: Path) -> None:
    dead = []
    for link in links(page):
        if link.startswith(("http:", "https:", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and anchor not in ANCHORS.get(there, ())):
            dead.append(link)
    assert dead == []


PATHS = re.compile(r"`((?:connector|tests|config|deploy|bench|docs|fuzz|\.ci)/[\w/.*@-]*)`")


@pytest.mark.parametrize("page", PAGES, ids=BY_NAME)
def test_every_file_of_ours_that_is_named_is_there(page: Path) -> None:
    named = dict.fromkeys(PATHS.findall(prose(page)))
    assert [path for path in named if not any(ROOT.glob(path.rstrip("/")))] == []


def test_every_page_that_code_and_settings_name_is_there() -> None:
    files = [
        *(ROOT / "connector").rglob("*.py"),
        *(ROOT / "connector").rglob("*.html"),
        *(path for folder in ("config", "deploy") for path in (ROOT / folder).rglob("*.y*ml")),
    ]
    named = {page for file in files for page in re.findall(r"docs/[\w-]+\.md", file.read_text("utf-8"))}
    assert [page for page in sorted(named) if not (ROOT / page).exists()] == []
    assert len(named) > 10


def test_the_index_names_every_page() -> None:
    named = {link.partition("#")[0] for link in links(DOCS / "README.md")} | {"README.md"}
    assert sorted({page.name for page in DOCS.glob("*.md")} - named) == []


@pytest.mark.parametrize("page", PAGES, ids=BY_NAME)
def test_every_picture_has_words_for_who_cannot_see_it(page: Path) -> None:
    assert [path for said, path in re.findall(r"!\[([^]]*)\]\(([^)]+)\)", TEXTS[page]) if not said] == []


def test_an_anchor_is_made_as_github_makes_it() -> None:
    heads = {
        "A client's own rules": "a-clients-own-rules",
        "Promises: `targets`, [more](x.md)": "promises-targets-more",
    }
    assert {_slug(heading): heading for heading in heads} == {
        slug: heading for heading, slug in heads.items()
    }
