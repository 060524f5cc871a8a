"""Field by field: fully populated random requests pass through unchanged, alone and beside a real Collector."""

import gzip
import os
import urllib.request

import grpc

from compare import Way, assert_same
from random_messages import Maker
from sink import METHODS, MESSAGES, Sink, to_json
from support import Cases, Program, weir_binary

REQUESTS = 40   # per signal and way

# name → (how requests are sent in, how the program sends them out)
WAYS = {
    "gRPC": ("grpc", "none", "grpc", "none"),
    "gRPC with gzip": ("grpc", "gzip", "grpc", "gzip"),
    "HTTP": ("http", "none", "http", "none"),
    "HTTP with gzip": ("http", "gzip", "http", "gzip"),
    "gRPC to HTTP": ("grpc", "gzip", "http", "none"),
    "HTTP to gRPC": ("http", "none", "grpc", "gzip"),
    "JSON to gRPC": ("json", "none", "grpc", "none"),
}


def send(program, signal, message, how, compression):
    if how == "grpc":
        with grpc.insecure_channel(f"127.0.0.1:{program.grpc_port}") as channel:
            call = channel.unary_unary(METHODS[signal], request_serializer=lambda m: m.SerializeToString(),
                                       response_deserializer=MESSAGES[signal][1].FromString)
            call(message, timeout=20,
                 compression=grpc.Compression.Gzip if compression == "gzip" else grpc.Compression.NoCompression)
        return
    body = to_json(message) if how == "json" else message.SerializeToString()
    headers = {"Content-Type": "application/json" if how == "json" else "application/x-protobuf"}
    if compression == "gzip":
        body, headers["Content-Encoding"] = gzip.compress(body, 1), "gzip"
    request = urllib.request.Request(f"http://127.0.0.1:{program.http_port}/v1/{signal}", body, headers)
    urllib.request.urlopen(request, timeout=20).close()


def pass_through(entry, sink, signal, how, compression, through_collector):
    maker = Maker(seed=f"{signal} {how} {compression}")
    sink.take()
    sent = [maker.request(signal) for _ in range(REQUESTS)]
    for message in sent:
        send(entry, signal, message, how, compression)
    total = sum(len(m.ListFields()[0][1]) for m in sent)
    arrived = lambda requests: sum(len(r.message.ListFields()[0][1]) for r in requests) >= total
    assert sink.wait_for(arrived), f"{len(sink.requests)} of {len(sent)} requests arrived"
    assert_same(signal, sent, [r.message for r in sink.take()], Way(through_collector, how == "json"))


def alone(cases, sink):
    binary = weir_binary()
    is_collector = "otelcol" in os.path.basename(binary)
    for way, (how, in_compression, out, out_compression) in WAYS.items():
        with Program(binary, sink, out, out_compression) as program:
            for signal in MESSAGES:
                cases.check(f"{signal}, {way}", pass_through, program, sink, signal, how, in_compression,
                            is_collector)


def chained(cases, sink):
    """The program before a Collector and behind one."""
    collector = os.environ.get("COLLECTOR_BINARY")
    if not collector:
        cases.skip("no Collector built (bench/peers/get.sh otelcol): chains with it", 12)
        return
    weir = weir_binary()
    for out in ("grpc", "http"):
        for first, second, name in ((weir, collector, "before"), (collector, weir, "behind")):
            with Program(second, sink, out) as last, Program(first, last, out, "gzip") as entry:
                for signal in MESSAGES:
                    cases.check(f"{signal}, {name} a Collector, {out}", pass_through, entry, sink, signal, out,
                                "none", True)


if __name__ == "__main__":
    the_cases, the_sink = Cases(), Sink()
    alone(the_cases, the_sink)
    chained(the_cases, the_sink)
    the_sink.close()
    the_cases.finish()
