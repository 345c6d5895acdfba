"""Where the shared reference material lies, if it is there. Tests that need it collect nothing without it."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_candidate = Path(os.environ.get("PX_SHARED", ROOT.parent / "shared"))
SHARED: Path | None = _candidate if (_candidate / "design.md").is_file() else None


def shared(*parts: str) -> list[Path]:
    """The file or folder below the shared material as a one-item list; empty when it is not there."""
    if SHARED is None:
        return []
    path = SHARED.joinpath(*parts)
    return [path] if path.exists() else []
