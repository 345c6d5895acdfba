"""OpenTelemetry spans of what a turn does, for who has a collector; otherwise nothing at all.

Spans name connections, methods and paths; never what a ticket says, and of an error its kind alone.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, ParamSpec, TypeVar

import structlog

P = ParamSpec("P")
T = TypeVar("T")
About = Callable[..., Mapping[str, str]]

log = structlog.get_logger(__name__)
_tracer: Any = None


def begin() -> None:
    """Send spans to OTEL_EXPORTER_OTLP_ENDPOINT from now on, if that is set and the extra `traces` is there.

    The other OTEL_ variables hold, too. What is not sent yet is sent when the process ends.
    """
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning("no traces: install px-connector[traces]")
        return
    provider = TracerProvider(resource=Resource.create({"service.name": "px-connector"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    use(provider)


def use(provider: Any) -> None:
    """Make spans with this provider; None: make none."""
    global _tracer  # noqa: PLW0603
    _tracer = provider and provider.get_tracer("px-connector")


def traced(
    name: str, about: About = lambda *_, **__: {}
) -> Callable[[Callable[P, Awaitable[T]]], Callable[P, Coroutine[Any, Any, T]]]:
    """A span around each call of an async function; `about`, called with its arguments, says of what."""

    def around(work: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
        @functools.wraps(work)
        async def call(*args: P.args, **kwargs: P.kwargs) -> T:
            if _tracer is None:
                return await work(*args, **kwargs)
            return await _spanned(name, about(*args, **kwargs), work(*args, **kwargs))

        return call

    return around


async def _spanned(name: str, about: Mapping[str, str], work: Awaitable[T]) -> T:
    quiet = {"record_exception": False, "set_status_on_exception": False}  # messages may quote a ticket
    with _tracer.start_as_current_span(name, attributes=about, **quiet) as span:
        try:
            return await work
        except BaseException as error:
            span.set_attribute("error.type", type(error).__name__)
            raise
