"""What an adapter says of itself: `quality.yaml` beside it, every trait done or exempt with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

import yaml


@dataclass(frozen=True, slots=True)
class Stated:
    """Done, or exempt because of `reason`."""

    done: bool
    reason: str = ""


def quality(vendor: str) -> dict[str, Stated]:
    """The traits of our adapter of this vendor, as it states them."""
    text = resources.files(f"connector.psa.{vendor}").joinpath("quality.yaml").read_text(encoding="utf-8")
    return {name: _stated(name, said) for name, said in yaml.safe_load(text).items()}


def _stated(name: str, said: object) -> Stated:
    if said == "done":
        return Stated(True)
    assert isinstance(said, dict), f"{name}: expected done, or {{exempt: why}}"
    assert said.keys() == {"exempt"}, f"{name}: expected done, or {{exempt: why}}"
    assert len(str(said["exempt"]).split()) > 3, f"{name}: an exemption gives its reason"
    return Stated(False, str(said["exempt"]))
