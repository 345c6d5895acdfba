"""What must hold whatever is sent: it is done in time, and no secret is in anything we say."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import time
from collections.abc import Iterator

import structlog

CPU_SECONDS = 4.0
"""For one input, on code that atheris has made slower."""

SECRET = "s3cr3t-planted-"  # every planted one begins so


class Finding(AssertionError):
    """Something that must never happen has happened."""


class Watch:
    """`said` holds what was logged since the block began."""

    def __init__(self) -> None:
        self._stream = io.StringIO()
        self._handler = logging.StreamHandler(self._stream)

    @property
    def said(self) -> str:
        return self._stream.getvalue()

    @contextlib.contextmanager
    def over(self) -> Iterator[None]:
        """One input."""
        self._stream.seek(0)
        self._stream.truncate()
        structlog.configure(
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            logger_factory=lambda *_: structlog.PrintLogger(file=self._stream),
            cache_logger_on_first_use=False,
        )
        logging.getLogger().addHandler(self._handler)
        began = time.process_time()
        try:
            yield
        finally:
            logging.getLogger().removeHandler(self._handler)
            structlog.reset_defaults()
        took = time.process_time() - began
        if took > CPU_SECONDS:
            raise Finding(f"took {took:.1f} s of CPU")
        keeps_secret(self.said, "the log")


def keeps_secret(text: str | bytes, where: str) -> None:
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if SECRET.encode() in raw:
        raise Finding(f"a secret is in {where}: {raw[:300]!r}")


def in_memory() -> str | None:
    """A folder that is no disk, where there is one: a fuzzer writes much and keeps nothing."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
