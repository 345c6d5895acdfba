"""A simulated ConnectWise as a process of its own: says where it is in one line of JSON, then serves."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from dataclasses import asdict

from bench._kit import Psa
from connector.simulator import Simulator, serve


def tell(sim: Simulator) -> None:
    print(json.dumps(asdict(Psa.of(sim))), flush=True)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(tickets=int(sys.argv[1]), on_ready=tell))
