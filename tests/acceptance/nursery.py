"""The command in processes of their own, without paying for its imports each time.

One process imports the command and forks for every call. The child is a process as any other: its own
environment, files, signals and exit code; it runs what the installed command runs. What a fresh start of the
interpreter does itself is tried by the tests that use `COMMAND` directly.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_NURSERY = """
import gc, json, os, random, sys, warnings
import aiosqlite, anyio._backends._asyncio, httpcore
import connector.app, connector.cli, connector.simulator
import connector.psa.autotask.build, connector.psa.connectwise.build, connector.psa.halo.build

def born(ask):
    os.environ.clear()
    os.environ.update(ask["env"])
    os.chdir(ask["cwd"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in ((1, ask["out"]), (2, ask["err"])):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
    random.seed()
    sys.argv = ["px-connector", *ask["words"]]
    code = 1
    try:
        connector.cli.main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1 if end.code else 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

gc.collect()
gc.freeze()
for line in sys.stdin:
    ask = json.loads(line)
    if "wait" in ask:
        pid, status = os.waitpid(ask["wait"], os.WNOHANG)
        answer = os.waitstatus_to_exitcode(status) if pid else None
    else:
        answer = os.fork()
        if not answer:
            born(ask)
    os.write(1, (json.dumps(answer) + "\\n").encode())
"""


@cache
def _nursery() -> subprocess.Popen[str]:
    made = subprocess.Popen(
        [sys.executable, "-c", _NURSERY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def end() -> None:
        made.communicate()

    atexit.register(end)
    return made


def _ask(question: Mapping[str, object]) -> int | None:
    nursery = _nursery()
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(json.dumps(question) + "\n")
    nursery.stdin.flush()
    answer = json.loads(nursery.stdout.readline())
    assert answer is None or isinstance(answer, int)
    return answer


class Child:
    """`px-connector WORDS` as a process; what it says is added to the files `out` and `err`."""

    def __init__(self, *words: str, env: Mapping[str, str], out: Path, err: Path, cwd: Path | None = None):
        self.words = words
        self.returncode: int | None = None
        out.touch()
        err.touch()
        made = _ask(
            {
                "words": words,
                "env": dict(env),
                "out": str(out.absolute()),
                "err": str(err.absolute()),
                "cwd": str(cwd or Path.cwd()),
            }
        )
        assert made is not None
        self.pid = made

    def poll(self) -> int | None:
        """Its exit code, minus the signal that ended it; None while it runs."""
        if self.returncode is None:
            self.returncode = _ask({"wait": self.pid})
        return self.returncode

    def wait(self, seconds: float) -> int:
        """TimeoutError if it runs on."""
        end = time.monotonic() + seconds
        while (code := self.poll()) is None:
            if time.monotonic() > end:
                raise TimeoutError(f"{' '.join(self.words)} runs on after {seconds:g} s")
            time.sleep(0.005)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.send_signal(signal.SIGKILL)
