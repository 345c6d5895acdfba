"""Spans: the real exporter to a real collector, one inside of the other, and nothing private in them."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog.testing import capture_logs

from connector import traces
from tests.kit import office


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    kept, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    traces.use(provider)
    yield kept
    traces.use(None)
    provider.shutdown()


async def test_a_turn_holds_what_it_did(tmp_path: Path, spans: InMemorySpanExporter) -> None:
    async with office(tmp_path) as o:
        await o.start()
        spans.clear()
        o.world.open_ticket("Acme Dental", "Mein Drucker brennt", text="Jane Doe")
        await o.settle()
        made = {span.context.span_id: span for span in spans.get_finished_spans() if span.context}
    parents = {
        (span.name, made[span.parent.span_id].name if span.parent and span.parent.span_id in made else "")
        for span in made.values()
    }
    wanted = {("gather", "turn"), ("record", "turn"), ("write", "turn"), ("turn", "")}
    assert wanted | {("request", "gather"), ("request", "write")} <= parents
    requests = [dict(span.attributes or {}) for span in made.values() if span.name == "request"]
    assert {"PATCH", "GET"} <= {request["method"] for request in requests}
    assert all(request.keys() <= {"method", "path"} for request in requests)
    told = "".join(span.to_json() for span in made.values())
    assert "Drucker" not in told
    assert "Jane" not in told


async def test_an_error_is_known_by_its_kind_alone(spans: InMemorySpanExporter) -> None:
    @traces.traced("odd")
    async def odd() -> None:
        raise ValueError("Jane Doe")

    with pytest.raises(ValueError, match="Jane"):
        await odd()
    [span] = spans.get_finished_spans()
    assert dict(span.attributes or {}) == {"error.type": "ValueError"}
    assert "Jane" not in span.to_json()


class _Collector(BaseHTTPRequestHandler):
    bodies: list[bytes]

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


async def test_spans_reach_the_collector_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _Collector.bodies = []
    with HTTPServer(("127.0.0.1", 0), _Collector) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        kept: list[TracerProvider] = []
        use = traces.use
        monkeypatch.setattr(traces, "use", lambda provider: kept.append(provider) or use(provider))
        traces.begin()

        @traces.traced("turn", lambda name: {"connection": name})
        async def turn(name: str) -> str:
            return name

        assert await turn("main") == "main"
        kept[0].shutdown()
        use(None)
        server.shutdown()
        thread.join()
    sent = ExportTraceServiceRequest.FromString(_Collector.bodies[0])
    [resource] = sent.resource_spans
    assert resource.scope_spans[0].spans[0].name == "turn"
    named = {one.key: one.value.string_value for one in resource.resource.attributes}
    assert named["service.name"] == "px-connector"


async def test_without_an_address_or_the_extra_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    traces.begin()
    assert traces._tracer is None
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with capture_logs() as logs:
        traces.begin()
    assert traces._tracer is None
    assert [line["event"] for line in logs] == ["no traces: install px-connector[traces]"]
