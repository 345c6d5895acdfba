"""Every recipe of docs/cookbook.md comes out as the page says, through the real command."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
import typer
from typer.testing import CliRunner

from connector.cli import logs
from tests.shared import ROOT

PAGE = (ROOT / "docs" / "cookbook.md").read_text(encoding="utf-8")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LONDON = ZoneInfo("Europe/London")
ASSESS = typer.Typer()
logs.register(ASSESS)  # the command alone: putting all of them together takes longer than a recipe
MONDAY = datetime(2026, 1, 5, tzinfo=LONDON)
ACTORS: dict[str, dict[str, str]] = {
    "customer": {"kind": "contact", "id": "carol@acme.example"},
    "workflow": {"kind": "automation", "id": "workflow"},
    "somebody": {"kind": "unknown"},
    "Dana": {"kind": "staff", "id": "dana", "name": "Dana", "team": "Service desk"},
    "Dirk": {"kind": "staff", "id": "dirk", "name": "Dirk", "team": "Dispatch"},
    "Rewst": {"kind": "staff", "id": "rewst", "name": "Rewst"},
    "dana@our-msp.example": {"kind": "contact", "id": "dana@our-msp.example"},
}
SAID = {"mail": "email", "note": "note", "internal note": "note", "call": "phone"}
MESSAGE = re.compile(
    r"(?:(?P<of>P\d|Wish|Alert) )?(?P<how>[a-z ]+?)(?:, (?P<minutes>\d+) min)?: (?P<text>.+)"
)
CHANGE = re.compile(r"(?P<what>status|priority|close): (?P<old>.+) → (?P<new>.+)")
RATING = re.compile(r"rates (\d) of (\d)(?:: (.+))?")


class Recipe(NamedTuple):
    title: str
    rules: str
    ticket: list[list[str]]
    outcome: list[list[str]]


def _rows(text: str, heading: str) -> list[list[str]]:
    table = text.partition(f"| {heading} |")[2].partition("\n\n")[0]
    return [
        [cell.strip() for cell in line.strip().strip("|").split(" | ")] for line in table.splitlines()[2:]
    ]


def _yaml(text: str) -> str:
    found = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    return found[1] if found else ""


def _recipe(text: str) -> Recipe:
    return Recipe(text.partition("\n")[0], _yaml(text), _rows(text, "when"), _rows(text, "asked"))


HOUSE, *SECTIONS = PAGE.split("\n### ")
RECIPES = [_recipe(text) for text in SECTIONS]


def _instant(told: str) -> datetime:
    day, clock = told.split()
    hour, minute = clock.split(":")
    return MONDAY + timedelta(days=DAYS.index(day), hours=int(hour), minutes=int(minute))


def _event(when: str, who: str, what: str) -> dict[str, Any]:
    event: dict[str, Any] = {"at": _instant(when).isoformat(), "actor": ACTORS[who]}
    if rated := RATING.fullmatch(what):
        score, scale, comment = rated.groups()
        return {**event, "type": "rating", "score": int(score), "scale": int(scale), "comment": comment}
    if change := CHANGE.fullmatch(what):
        return {**event, "type": change["what"], "from": change["old"], "to": change["new"]}
    if what == "appointment":
        return {**event, "type": what}
    said = MESSAGE.fullmatch(what)
    assert said, what
    direction = "internal" if said["how"] == "internal note" else "in" if who == "customer" else "out"
    more = {"text": said["text"], "minutes": int(said["minutes"] or 0)}
    return {**event, "type": "message", "channel": SAID[said["how"]], "direction": direction, **more}


def _ticket(recipe: Recipe) -> dict[str, Any]:
    first = MESSAGE.fullmatch(recipe.ticket[0][2])
    assert first, recipe.ticket[0]
    events = [{**_event(*row), "key": f"fact:{number}"} for number, row in enumerate(recipe.ticket)]
    kind = {"type": first["of"]} if first["of"] == "Alert" else {"priority": first["of"] or "P3"}
    now = {event["type"]: event["to"] for event in events if event["type"] in ("priority", "status")}
    opened = {"id": "1", "client": "Acme", "opened_at": events[0]["at"], "status": "New", "priority": "P3"}
    return {**opened, **kind, **now, "events": events}


def _assessed(folder: Path, recipe: Recipe, asked: str) -> dict[str, Any]:
    (folder / "defaults.yaml").write_text(_yaml(HOUSE), encoding="utf-8")
    (folder / "clients").mkdir(exist_ok=True)
    client, log = folder / "clients" / "acme.yaml", folder / "log.jsonl"
    client.write_text(f"client: Acme\n{recipe.rules}", encoding="utf-8")
    log.write_text(json.dumps(_ticket(recipe)) + "\n", encoding="utf-8")
    words = [str(log), "--policy", str(client), "--at", _instant(asked).isoformat(), "--json"]
    done = CliRunner().invoke(ASSESS, words)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def _local(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(LONDON):%a %H:%M}"


def _says(answer: dict[str, Any], of: str) -> str:
    """One cell of an outcome, as the assessment says it."""
    if of.startswith("message "):
        [message] = [m for m in answer["messages"] if m["event"] == int(of.split()[1]) - 1]
        counts = "counts" if message["counts"] else "does not count"
        return f"{message['cause']}, {message['content']}: {counts}"
    if of == "reported apart":
        return str(answer.get("excluded", "not"))
    if of.endswith(" due"):
        return _local(answer["buckets"][of.removesuffix(" due")]["due_at"])
    if of in answer["buckets"]:
        clock = answer["buckets"][of]
        if clock["state"] == "none":
            return "no promise"
        return f"{clock['state']}, {clock['elapsed_min']:g} of {clock['target_min']:g} min"
    return answer["flags"].get(of, "not written") or "empty"


def _outcome(folder: Path, recipe: Recipe) -> list[list[str]]:
    answers = {asked: _assessed(folder, recipe, asked) for asked, *_ in recipe.outcome}
    return [[asked, of, _says(answers[asked], of)] for asked, of, _ in recipe.outcome]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_recipe(recipe: Recipe, tmp_path: Path) -> None:
    assert recipe.outcome
    assert _outcome(tmp_path, recipe) == recipe.outcome
    if recipe.rules:
        without = recipe._replace(rules="")
        assert _outcome(tmp_path, without) != recipe.outcome, "its lines change nothing"


def test_the_page_has_many_recipes() -> None:
    assert len({recipe.title for recipe in RECIPES}) == len(RECIPES) >= 25
