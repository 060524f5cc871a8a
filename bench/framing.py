"""An experiment: what gRPC C++ costs beside unary gRPC framing of our own over nghttp2, both bare forwarders.

docs/adr/022-grpc-or-nghttp2.md draws the conclusions.
"""

import os
import signal
import statistics

from comparison import BATCH, TABLE
from harness import Load, Sink, free_ports


def programs_of(bench):
    """(name, path, flags): gRPC C++ first, then the same path over nghttp2."""
    tools = bench.tools
    return [(n, p, f) for n, p, f in (("gRPC C++", tools.grpc_forwarder, ()),
                                      ("nghttp2", tools.nghttp2_forwarder, ()),
                                      ("nghttp2, checking", tools.nghttp2_forwarder, ("--check",)),
                                      ("nghttp2, 32 MiB", tools.nghttp2_forwarder, ("--memory-mib", 32))) if p]


def grpc_framing(bench):
    """What gRPC C++ costs beside unary framing of our own."""
    programs = programs_of(bench)
    if len(programs) < 2:
        raise RuntimeError("a forwarder is not built: bare-grpc-forwarder and bare-nghttp2-forwarder (libnghttp2-dev)")
    lines = []
    for compression, count in ((c, n) for c in ("none", "gzip") for n in (8, 64)):
        lines += [f"### {compression}, {count} connections with a request each", ""]
        lines += cost(bench, programs, compression, count) + [""]
    return lines + ["### Backend that reads no more", ""] + stalled(bench, programs)


def cost(bench, programs, compression, count):
    starts = {name: lambda port, sink, p=path, f=flags: bench.start_bare(p, port, sink.grpc_port, f)
              for name, path, flags in programs}
    found = bench.compare(starts, ("logs", "grpc", compression), in_flight=count, connections=count)
    base = found[programs[0][0]]
    ratios = [f"- {name}: {f.rate_us / base.rate_us:.2f} of {programs[0][0]} at the rate, "
              f"{f.full_us / base.full_us:.2f} at saturation" for name, f in found.items() if f is not base]
    return TABLE + [f.row(name) for name, f in found.items()] + [""] + ratios


def stalled(bench, programs, in_flight=512, connections=64):
    """Memory when the backend's process is stopped and 512 requests are on offer; then it goes on."""
    lines = ["| | peak MiB before | while stopped | items/s of the 3 s after |", "| --- | --- | --- | --- |"]
    for name, path, flags in programs:
        rows = [stall_once(bench, path, flags, in_flight, connections) for _ in range(bench.rounds)]
        before, peak, after = (statistics.median(column) for column in zip(*rows))
        lines.append(f"| {name} | {before:.0f} | {peak:.0f} | {after / 1e3:,.0f} k |")
    return lines + ["", f"{in_flight} requests of 1000 logs, about {in_flight * 0.285:.0f} MiB, "
                        f"over {connections} connections."]


def stall_once(bench, path, flags, in_flight, connections):
    """(peak MiB after a second of load, peak MiB while the backend is stopped, items/s when it goes on)"""
    sink = Sink(bench.tools, bench.folder, BATCH["logs"])
    (port,) = free_ports(1)
    process = bench.start_bare(path, port, sink.grpc_port, flags)
    try:
        Load(bench.tools, port, duration_s=1).finish()
        before = process.memory_mib("VmHWM")
        os.kill(sink.process.pid, signal.SIGSTOP)
        Load(bench.tools, port, in_flight=in_flight, connections=connections, duration_s=4, timeout_s=5).finish()
        peak = process.memory_mib("VmHWM")
        os.kill(sink.process.pid, signal.SIGCONT)
        after = Load(bench.tools, port, in_flight=8, connections=8, duration_s=3).finish()
        return before, peak, after["items_per_second"]
    finally:
        process.stop()
        sink.stop()
