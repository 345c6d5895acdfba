"""What is replayed for ever: a line an input, in base64, with what it once found where it found something."""

from __future__ import annotations

import base64
from pathlib import Path

FOLDER = Path(__file__).parent / "corpus"


def kept(target: str) -> list[bytes]:
    """The inputs kept for a target."""
    lines = (FOLDER / f"{target}.txt").read_text("utf-8").splitlines()
    return [base64.b64decode(line.partition("#")[0].strip()) for line in lines if line and line[0] != "#"]
