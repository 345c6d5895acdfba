"""Every alert leads to a section of the runbook that says what to do, and the dashboard is one that opens."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from itertools import combinations
from typing import Any

import yaml

from tests.shared import ROOT

RULES = ROOT / "deploy" / "prometheus" / "rules.yml"
DASHBOARD = ROOT / "deploy" / "grafana" / "px-connector.json"
PROMTOOL = shutil.which("promtool")


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def sections() -> dict[str, str]:
    """The runbook's sections about alerts: heading -> text."""
    parts = re.split(r"^## ", (ROOT / "docs" / "runbook.md").read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {head: text for head, _, text in (part.partition("\n") for part in parts)}


def test_every_alert_has_its_section_and_every_section_its_alert() -> None:
    told = sections()
    assert [rule["alert"] for rule in alerts()] == list(told), "same alerts, in the same order"
    for rule in alerts():
        name, severity = rule["alert"], rule["labels"]["severity"]
        assert rule["annotations"]["runbook_url"] == f"docs/runbook.md#{name.casefold()}"
        assert rule["annotations"]["summary"]
        assert told[name].startswith(f"{severity} · "), name
        assert "- **Do** " in told[name], name


if PROMTOOL:

    def test_a_healthy_day_wakes_nobody_and_each_trouble_somebody() -> None:
        done = subprocess.run(
            [PROMTOOL, "test", "rules", "rules_test.yml"], cwd=RULES.parent, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_promtool_test_knows_every_alert() -> None:
    text = RULES.with_name("rules_test.yml").read_text("utf-8")
    assert set(re.findall(r'alertname="(\w+)"', text)) == {rule["alert"] for rule in alerts()}


def test_the_dashboard_has_panels_that_ask_something_and_do_not_overlap() -> None:
    board = json.loads(DASHBOARD.read_text("utf-8"))
    panels = [panel for panel in board["panels"] if panel["type"] != "row"]
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    for panel in panels:
        assert panel["title"]
        assert all(target["expr"] for target in panel["targets"])
    for one, other in combinations((panel["gridPos"] for panel in board["panels"]), 2):
        apart = (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        )
        assert apart, (one, other)
    variables = {variable["name"] for variable in board["templating"]["list"]}
    assert set(re.findall(r"\$\{?(\w+)", json.dumps(board))) - {"__all"} == variables
