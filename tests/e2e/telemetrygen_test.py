"""telemetrygen, OpenTelemetry's own generator: everything it sends arrives, over gRPC and HTTP."""

import os
import subprocess

from sink import Sink
from support import Cases, Program, weir_binary

COUNT = 50


def items(signal, request):
    """Spans, points or records in a request."""
    count = 0
    for entry in request.message.ListFields()[0][1] if request.message.ListFields() else []:
        for scope in (entry.scope_spans if signal == "traces" else
                      entry.scope_metrics if signal == "metrics" else entry.scope_logs):
            count += len(scope.spans if signal == "traces" else
                         scope.metrics if signal == "metrics" else scope.log_records)
    return count


def everything_arrives(program, sink, signal, transport):
    sink.take()
    port = program.grpc_port if transport == "grpc" else program.http_port
    argv = [os.environ["TELEMETRYGEN_BINARY"], signal, f"--{signal}", str(COUNT), "--workers", "1",
            "--otlp-insecure", "--otlp-endpoint", f"127.0.0.1:{port}", "--rate", "0"]
    done = subprocess.run(argv + (["--otlp-http"] if transport == "http" else []), capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 0, done.stderr[-1000:]
    want = COUNT * 2 if signal == "traces" else COUNT   # a trace is a parent and a child
    total = lambda requests: sum(items(signal, r) for r in requests)
    assert sink.wait_for(lambda requests: total(requests) >= want), f"{total(sink.requests)} of {want} arrived"
    assert total(sink.take()) == want, "more arrived than was sent"


if __name__ == "__main__":
    cases = Cases()
    if not os.environ.get("TELEMETRYGEN_BINARY"):
        cases.skip("telemetrygen is not built (bench/peers/get.sh telemetrygen)", 6)
        cases.finish()
    the_sink = Sink()
    with Program(weir_binary(), the_sink) as the_program:
        for the_signal in ("traces", "metrics", "logs"):
            for the_transport in ("grpc", "http"):
                cases.check(f"{the_signal}, {the_transport}", everything_arrives, the_program, the_sink, the_signal,
                            the_transport)
    the_sink.close()
    cases.finish()
