"""A package installed beside ours for one test: its modules, and what it says of itself in its metadata."""

from __future__ import annotations

from pathlib import Path

import pytest


def install(folder: Path, patch: pytest.MonkeyPatch, points: dict[str, str], **modules: str) -> None:
    """`points`: by group of entry points, a line like "acme = px_acme:build". `modules`: text by name."""
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    info = folder / "px_other-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: px-other\nVersion: 1.0\n")
    groups = "".join(f"[{group}]\n{point}\n" for group, point in points.items())
    (info / "entry_points.txt").write_text(groups)
    patch.syspath_prepend(str(folder))
