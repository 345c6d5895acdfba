"""Known vulnerabilities in what is locked: one that is found fails, advisories that cannot be had do not.

pip-audit itself ends well where its advisory service knows none of the packages, as behind a mirror that
only serves files. So what was really looked up is counted here and said.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 120
COMMAND = ("-m", "pip_audit", "--require-hashes", "--disable-pip", "--progress-spinner", "off", "-f", "json")


def main() -> int:
    locks = sorted(ROOT.glob("requirements*.lock"))
    files = [part for lock in locks for part in ("-r", str(lock))]
    command = [sys.executable, *COMMAND, "--timeout", "10", *files, *sys.argv[1:]]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return tell([], f"no answer within {SECONDS} s")
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        return tell([], last[:300])
    return tell(found, "the service knows none of them")


def tell(dependencies: Sequence[dict[str, Any]], why: str) -> int:
    """Say what is known; 1 if something is vulnerable. `why` nothing could be looked up, if nothing could."""
    looked = [one for one in dependencies if "vulns" in one]
    skipped = len(dependencies) - len(looked)
    for one in looked:
        for hole in one["vulns"]:
            fixed = ", ".join(hole.get("fix_versions") or ()) or "no version yet"
            print(f"VULNERABLE: {one['name']} {one['version']}: {hole['id']}, mended in {fixed}")
    if not looked:
        print(f"audit: NOT DONE, the advisory service cannot be used here ({why})")
        return 0
    print(
        f"audit: {len(looked)} packages looked up"
        + (f", {skipped} unknown to the service" if skipped else "")
    )
    return 1 if any(one["vulns"] for one in looked) else 0


if __name__ == "__main__":
    sys.exit(main())
