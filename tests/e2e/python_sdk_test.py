"""The Python SDK and its exporters: what reaches the backend is what the exporters sent, to the last field.

Each case exports the very same objects twice, once straight to a sink and once through the program, and compares.
"""

import grpc
from opentelemetry import trace
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogs
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcMetrics
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpans
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogs
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpMetrics
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpans
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from compare import assert_same
from sink import Sink
from support import Cases, Program, weir_binary

RESOURCE = Resource.create({"service.name": "shop", "service.version": "1.2.3", "zones": ["a", "b"]})
EXPORTERS = {("traces", "grpc"): GrpcSpans, ("metrics", "grpc"): GrpcMetrics, ("logs", "grpc"): GrpcLogs,
             ("traces", "http"): HttpSpans, ("metrics", "http"): HttpMetrics, ("logs", "http"): HttpLogs}


def spans():
    memory = InMemorySpanExporter()
    provider = TracerProvider(resource=RESOURCE)
    provider.add_span_processor(SimpleSpanProcessor(memory))
    tracer = provider.get_tracer("weir-e2e", "0.1", attributes={"scope.kind": "test"})
    with tracer.start_as_current_span("checkout", kind=trace.SpanKind.SERVER, attributes={"user.id": 42}) as parent:
        link = trace.Link(parent.get_span_context(), {"why": "retry"})
        with tracer.start_as_current_span("charge card", links=[link], attributes={"amount": 9.5, "paid": True}) as child:
            child.add_event("declined", {"codes": [51, 14], "card": "débit"})
            child.record_exception(ValueError("no funds"))
            child.set_status(trace.StatusCode.ERROR, "declined")
    return memory.get_finished_spans()


def metrics():
    reader = InMemoryMetricReader()
    meter = MeterProvider([reader], resource=RESOURCE).get_meter("weir-e2e", "0.1")
    orders = meter.create_counter("orders", unit="{order}", description="Orders placed.")
    for region in ("eu", "us"):
        orders.add(3, {"region": region})
    meter.create_up_down_counter("open").add(-2)
    latency = meter.create_histogram("latency", unit="ms")
    for value in (0.5, 12, 250, 9000):
        latency.record(value, {"route": "/cart"})
    meter.create_gauge("temperature").set(21.25, {"room": "a"})
    return reader.get_metrics_data()


def logs():
    memory = InMemoryLogRecordExporter()
    provider = LoggerProvider(resource=RESOURCE)
    provider.add_log_record_processor(SimpleLogRecordProcessor(memory))
    logger = provider.get_logger("weir-e2e", "0.1")
    logger.emit(LogRecord(timestamp=1_790_000_000_000_000_000, severity_number=SeverityNumber.INFO,
                          severity_text="INFO", body="order placed", attributes={"order.id": "a-1", "items": 3}))
    logger.emit(LogRecord(timestamp=1_790_000_000_000_000_001, severity_number=SeverityNumber.ERROR,
                          body={"message": "no funds", "codes": [51, 14]}, event_name="declined"))
    return memory.get_finished_logs()


MAKERS = {"traces": spans, "metrics": metrics, "logs": logs}


def export(signal, transport, compression, target, data):
    if transport == "grpc":
        kind = grpc.Compression.Gzip if compression == "gzip" else grpc.Compression.NoCompression
        exporter = EXPORTERS[signal, "grpc"](endpoint=f"http://127.0.0.1:{target.grpc_port}", insecure=True,
                                             compression=kind)
    else:
        kind = Compression.Gzip if compression == "gzip" else Compression.NoCompression
        exporter = EXPORTERS[signal, "http"](endpoint=f"http://127.0.0.1:{target.http_port}/v1/{signal}",
                                             compression=kind)
    result = exporter.export(data)
    exporter.shutdown()
    assert result.name == "SUCCESS", f"the exporter says {result.name}"


def same_as_direct(program, sink, signal, transport, compression):
    data = MAKERS[signal]()
    sink.take()
    export(signal, transport, compression, sink, data)
    direct = [r.message for r in sink.take()]
    assert direct, "the exporter sent nothing"
    export(signal, transport, compression, program, data)
    assert sink.wait_for(lambda requests: requests), "nothing arrived"
    assert_same(signal, direct, [r.message for r in sink.take()])


if __name__ == "__main__":
    cases, the_sink = Cases(), Sink()
    for the_transport in ("grpc", "http"):
        with Program(weir_binary(), the_sink, the_transport, "gzip") as the_program:
            for the_signal in MAKERS:
                for the_compression in ("none", "gzip"):
                    cases.check(f"{the_signal}, {the_transport}, {the_compression}", same_as_direct, the_program,
                                the_sink, the_signal, the_transport, the_compression)
    the_sink.close()
    cases.finish()
