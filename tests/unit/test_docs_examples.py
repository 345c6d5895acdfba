"""Every YAML block of the documentation that shows a file of ours loads, whole or as the part of one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.clients import policy_of
from connector.clients.layers import packaged_defaults
from connector.clients.models import ClientFile
from connector.clients.yaml12 import parse
from connector.errors import ConfigError
from connector.settings import Settings, load_settings
from tests.unit.docs_pages import PAGES, blocks

HEAD = "client: Acme\nmatch: {connection: main, companies: [Acme]}\n"
HOUSE = 'calendar: {timezone: Europe/London}\ntargets: {"*": {response: 1h}}\n'
CONNECTED = """connections:
  main: {vendor: connectwise, site: psa.example.com, company: a,
         public_key: {env: A}, private_key: {env: B}, client_id: {env: C}}
mail: {host: smtp.example.com, from: desk@example.com}
"""


OURS = set(ClientFile.model_fields) | set(Settings.model_fields)


def _examples(page: Path) -> Iterator[str]:
    """The YAML on a page that has a key of a client's file or of connector.yaml on its first level."""
    for language, text in blocks(page):
        if language == "yaml" and OURS & set(re.findall(r"^(\w+):", text, re.MULTILINE)):
            yield text


def _as_client(text: str) -> str:
    """What is wrong with it as a client's file or a part of one, over defaults that give the rest."""
    head = HEAD if "client" not in parse(text.encode(), Path("example")).plain() else ""
    defaults = packaged_defaults().read_text(encoding="utf-8")
    try:
        policy_of([("defaults", defaults), ("house", HOUSE), ("head", head or "{}"), ("example", text)])
    except ConfigError as error:
        return str(error)
    return ""


def _as_settings(text: str, folder: Path) -> str:
    """The same as connector.yaml; what it leaves out is given, where it leaves it out."""
    keys = parse(text.encode(), Path("example")).plain()
    given = {
        "connections": CONNECTED.partition("mail:")[0],
        "mail": "mail:" + CONNECTED.partition("mail:")[2],
    }
    more = "".join(part for key, part in given.items() if key not in keys)
    (folder / "connector.yaml").write_text(f"{text}\n{more}", encoding="utf-8")
    try:
        load_settings(folder)
    except ConfigError as error:
        return str(error)
    return ""


EXAMPLES = [
    pytest.param(text, id=f"{page.name}-{number}")
    for page in PAGES
    for number, text in enumerate(_examples(page), 1)
]


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_of_a_file_of_ours_loads(text: str, tmp_path: Path) -> None:
    if wrong := _as_client(text):
        assert _as_settings(text, tmp_path) == "", f"\n{text}\nas a client's file: {wrong}"


def test_examples_are_found() -> None:
    assert len(EXAMPLES) > 40
