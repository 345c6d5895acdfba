"""How the log looks: always on stderr, so that `--json` stays alone on stdout."""

from __future__ import annotations

import logging
import sys

import structlog


def configure_logging(style: str = "console", level: str = "info") -> None:
    """structlog for everything, on stderr: JSON lines for machines, plain lines for people."""
    numeric = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last = (
        structlog.processors.JSONRenderer()
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=lambda *_: structlog.PrintLogger(file=sys.stderr),  # the one of this moment
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(numeric, logging.WARNING))
    logging.getLogger("httpx").setLevel(logging.WARNING)
