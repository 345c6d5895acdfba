"""Memory of `px-connector assess` on a long log, beside the same command on a hundredth of it.

The log is the real support log (or a made one) again and again with other ids, written compressed before
the command starts. What must stay flat is the peak of resident memory. BENCH_LINES sets the length.
"""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
import time
from itertools import count, islice
from pathlib import Path

from bench._kit import scratch
from bench.assess import LOG, ROOT, made
from connector import ticketlog

ID = re.compile(r'"id": ?"')
LINES = int(os.environ.get("BENCH_LINES", "100000"))


def main() -> None:
    with scratch() as folder:
        short, _ = _run(folder, LINES // 100)
        long, took = _run(folder, LINES)
    print(f"{LINES:,} tickets read, assessed and told as JSON: {took:.0f} s, {LINES / took:,.0f} a second")
    print(f"peak memory: {long:.0f} MB; with a hundredth of the log {short:.0f} MB; ratio {long / short:.2f}")


def _run(folder: Path, lines: int) -> tuple[float, float]:
    """Peak resident MB of the command on a log of so many tickets, and the seconds it took."""
    log = folder / f"{lines}.jsonl.gz"
    bodies = [str(line) for _, line in ticketlog.read_lines(LOG)] if LOG.exists() else made(20_000)
    again = (ID.sub(rf"\g<0>{turn}-", body, count=1) for turn in count() for body in bodies)
    with gzip.open(log, "wt", compresslevel=1) as out:
        out.writelines(f"{body.strip()}\n" for body in islice(again, lines))
    policy = ROOT / "config/clients/acme.yaml"
    command = [sys.executable, "-m", "connector", "assess", str(log), "--policy", str(policy), "--json"]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit {process.returncode}")
    return usage.ru_maxrss / 1024, time.perf_counter() - began
