"""Run every bench, or those named: `python -m bench [NAME …]`."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import time

import bench


def main() -> None:
    known = sorted(m.name for m in pkgutil.iter_modules(bench.__path__) if not m.name.startswith("_"))
    wanted = sys.argv[1:] or known
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        sys.exit(f"no bench named {', '.join(unknown)}; there are: {', '.join(known)}")
    for name in wanted:
        print(f"\n== {name} ==", flush=True)
        began = time.perf_counter()
        importlib.import_module(f"bench.{name}").main()
        print(f"-- {name}: {time.perf_counter() - began:.1f} s", flush=True)


if __name__ == "__main__":
    main()
