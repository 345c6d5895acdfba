"""`python -m fuzz TARGET [--seconds N] [--corpus FOLDER]`: atheris on one target, and its figures at the end.

What is found is kept as a file; put it into `fuzz/corpus/TARGET.txt` in base64, with its mending, and the
test suite replays it for ever.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fuzz._corpus import kept

TARGETS = ("webhooks", "vendors", "files", "tokens", "logs")
_FIGURES = re.compile(r"#(\d+)\s+\w+\s+cov: (\d+) ft: (\d+) corp: (\d+)/(\S+)")
LONGEST = 8192  # bytes of an input


def main() -> None:
    options = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    options.add_argument("target", choices=TARGETS)
    options.add_argument("--seconds", type=int, default=600)
    options.add_argument("--corpus", type=Path, help="where inputs that reach new code are kept")
    options.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.child:
        _fuzz(given.target, given.seconds, given.corpus)
    else:
        _watch(
            given.target,
            given.seconds,
            given.corpus or Path(tempfile.mkdtemp(prefix=f"px-fuzz-{given.target}-")),
        )


def _fuzz(target: str, seconds: int, corpus: Path) -> None:
    import atheris

    with atheris.instrument_imports(include=["connector"], exclude=["connector.simulator"]):
        module = importlib.import_module(f"fuzz.{target}")
        for name in getattr(module, "LATER", ()):
            importlib.import_module(name)
    arguments = [
        sys.argv[0],
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST}",
        "-len_control=0",
        "-timeout=20",
        "-rss_limit_mb=3000",
        f"-artifact_prefix={corpus.parent}/{target}-finding-",
        "-print_final_stats=1",
        str(corpus),
    ]
    atheris.Setup(arguments, module.one)
    atheris.Fuzz()


def _watch(target: str, seconds: int, corpus: Path) -> None:
    """Run it in a process of its own, and put its figures together from what it says."""
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate([*importlib.import_module(f"fuzz.{target}").seeds(), *kept(target)]):
        (corpus / f"seed-{number:03}").write_bytes(seed)
    command = [sys.executable, "-m", "fuzz", target, "--child", f"--seconds={seconds}", f"--corpus={corpus}"]
    began, figures = time.monotonic(), None
    tail: list[str] = []
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, errors="replace", env=os.environ)
    assert process.stderr is not None
    for line in process.stderr:
        sys.stderr.write(line)
        figures = _FIGURES.search(line) or figures
        tail = [*tail[-30:], line]
    done, cov, features, inputs, size = figures.groups() if figures else ("0", "0", "0", "0", "0")
    crashed = process.wait() != 0
    told = {
        "target": target,
        "seconds": round(time.monotonic() - began),
        "executions": int(done),
        "branches": int(cov),
        "features": int(features),
        "corpus": int(inputs),
        "corpus_size": size,
        "finding": crashed,
    }
    print(json.dumps(told))
    sys.exit(1 if crashed else 0)


if __name__ == "__main__":
    main()
