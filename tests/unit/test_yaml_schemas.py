"""The committed JSON Schemas and the YAML reference are those of the models, and accept what people write."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from connector.clients import client_schema
from connector.clients.layers import packaged_defaults
from connector.clients.reference import flow
from connector.clients.yaml12 import parse, read
from connector.settings.reference import reference
from connector.settings.schema import settings_schema
from tests.shared import ROOT

SCHEMAS = ROOT / "config" / "schema"


@pytest.mark.parametrize(
    ("name", "schema"),
    [("client.schema.json", client_schema()), ("connector.schema.json", settings_schema())],
)
def test_the_committed_schema_is_fresh(name: str, schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    assert json.loads((SCHEMAS / name).read_text(encoding="utf-8")) == schema, "run: make schema"


@pytest.mark.parametrize("module", ["clients", "settings"])
def test_the_command_writes_the_committed_file(module: str, tmp_path: Path) -> None:
    name = "client" if module == "clients" else "connector"
    out = tmp_path / "schema.json"
    subprocess.run([sys.executable, "-m", f"connector.{module}", str(out)], check=True, cwd=ROOT)
    assert out.read_bytes() == (SCHEMAS / f"{name}.schema.json").read_bytes()


def test_it_accepts_the_shipped_files() -> None:
    clients = Draft202012Validator(client_schema())
    for path in (ROOT / "config" / "clients").glob("*.yaml"):
        clients.validate(read(path).plain())
    clients.validate({"client": "x", **read(packaged_defaults()).plain()})
    Draft202012Validator(settings_schema()).validate(read(ROOT / "config" / "connector.yaml").plain())


@pytest.mark.parametrize(
    "part",
    [
        {"respones": {}},
        {"targets": {"*": {"response": "1d"}}},
        {"targets": {"*": {"response": 60}}},
        {"calendar": {"week": {"mon": ["9-17"]}}},
        {"calendar": {"week": "always"}},
        {"px": {"positive": 0.8}},
        {"px": {"target": 101}},
        {"risk": {"raise_at": 100}},
        {"risk": {"raise_at": "on"}},
        {"flags": {"at_rsk": "PX"}},
        {"resplan": {"appointment": 1}},
        {"response": {"channels": ["fax"]}},
    ],
)
def test_an_editor_marks_what_is_wrong(part: dict[str, Any]) -> None:
    assert not Draft202012Validator(client_schema()).is_valid({"client": "x", **part})


def test_every_key_is_described() -> None:
    for schema in (client_schema(), settings_schema()):
        for part in (schema, *schema["$defs"].values()):
            for key, described in part["properties"].items():
                assert described.keys() & {"description", "$ref", "const"}, key


REFERENCE = (ROOT / "docs" / "yaml-reference.md").read_text(encoding="utf-8")
KEYS = re.findall(r'^\| <a id="([^"]+)"></a>`[^`]+` \| (.+) \| (.+) \| (.*) \|$', REFERENCE, re.MULTILINE)


def test_the_committed_reference_is_fresh() -> None:
    assert reference() == REFERENCE, "run: make schema"


def test_the_reference_tells_every_key_of_the_defaults_with_its_value() -> None:
    told = {path: shipped for path, _, shipped, _ in KEYS}
    for path, value in _leaves(read(packaged_defaults()).plain()):
        if isinstance(value, str) and path in told:
            assert value in told[path], path
        assert path in told, path


def test_the_reference_says_of_every_key_what_it_does() -> None:
    assert [path for path, _, _, said in KEYS if not said] == []
    assert len({path for path, *_ in KEYS}) == len(KEYS) > 200, "anchors are told apart"


@pytest.mark.parametrize(
    ("key", "row"),
    [
        ("px.target", "number, above 0 to 100 | `95` | Positive ratings, in per cent of the ratings"),
        ("client", "name | **needed** | The client's name, as people say it. Example: `Acme Dental`"),
        ("notify.at_once.missed", "text or list: name | nobody | A promise was missed and is still open"),
        ("connector.web.port", "whole number, 0 to 65,535 | `8765` | Port to listen on; 0: any free one"),
        (
            "connector.connectwise.public_key",
            "[secret](#secrets) | **needed** | Public key of the API member",
        ),
    ],
)
def test_a_row_of_the_reference(key: str, row: str) -> None:
    assert f'| <a id="{key}"></a>`{key.rpartition(".")[2]}` | {row} |' in REFERENCE


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every key of the defaults by its path; what people name themselves counts as one value."""
    if not isinstance(value, dict) or path in ("calendar.week", "improvement_plan.tasks"):
        yield path, value
        return
    for key, inner in value.items():
        yield from _leaves(inner, f"{path}.{key}".lstrip("."))


def _examples(schema: Any) -> Iterator[Any]:
    for key, value in schema.items() if isinstance(schema, dict) else ():
        yield from value if key == "examples" else _examples(value)


def test_values_are_told_as_the_files_would_have_them() -> None:
    values = [value for _, value in _leaves(read(packaged_defaults()).plain())]
    values += [
        *_examples(client_schema()),
        *_examples(settings_schema()),
        "on",
        "12",
        'say "no"',
        'it\'s "so"',
    ]
    for value in values:
        assert parse(f"key: {flow(value)}\n".encode(), Path("told")).plain() == {"key": value}
    assert flow({"PX At Risk": 17, "week": ["09:00-17:30"]}) == '{PX At Risk: 17, week: ["09:00-17:30"]}'
