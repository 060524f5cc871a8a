"""What every scenario works with: the programs found, how one of them is run, and medians over rounds."""

import shutil
import statistics
import tempfile
from pathlib import Path

from harness import Load, Process, Sink, free_ports, measure, settle

BATCH = {"logs": 1000, "spans": 512, "points": 1000}


class Bench:
    """The programs found, the length of a run, and what was measured so far."""

    def __init__(self, tools, weir, otelcol, contrib, seconds, rounds, rate):
        self.tools, self.weir, self.otelcol, self.contrib = tools, weir, otelcol, contrib
        self.seconds, self.rounds, self.rate = seconds, rounds, rate
        self.folder = Path(tempfile.mkdtemp(prefix="weir-bench-"))
        self.failures = []
        self.summary = []  # lines of the table at the head of the report

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def programs(self, contrib=False):
        """(name, path) of what takes a Collector file, Weir first."""
        peer = self.contrib if contrib else self.otelcol
        return [(n, p) for n, p in (("Weir", self.weir), ("Collector", peer)) if p]

    def start(self, name, path, port, config, env=None):
        file = self.folder / f"{name}.yaml"
        file.write_text(config)
        process = Process(name, [path, "--config", file], 0, self.folder, env)
        process.wait_for_port(port)
        return process

    def start_forwarder(self, port, sink, protocol):
        """The bare forwarder of `protocol`, or None where it is not built."""
        path = self.tools.http_forwarder if protocol == "http" else self.tools.grpc_forwarder
        if not path:
            return None
        return self.start_bare(path, port, sink.http_port if protocol == "http" else sink.grpc_port)

    def start_bare(self, path, port, backend, flags=()):
        process = Process("bare-forwarder", [path, "--listen", port, "--backend", backend, *flags], 0, self.folder)
        process.wait_for_port(port)
        return process

    def load(self, case, **more):
        signal_name, protocol, compression = case[:3]
        return {"signal_name": signal_name, "protocol": protocol, "compression": compression, **more}

    def compare(self, starts, case, **more):
        """CPU per item at the offered rate and at saturation, medians over the rounds, of each of `starts`: name →
        function (port, sink) that starts it. They take turns within a round, so that a neighbour's noise meets all."""
        results = {name: [] for name in starts}
        for _ in range(self.rounds):
            for name, start in starts.items():
                results[name].append(self.run_once(start, case, **more))
        return {name: Median(runs) for name, runs in results.items()}

    def run_once(self, start, case, **more):
        """(at the offered rate, at saturation), in a process of its own that has been warmed up."""
        sink = Sink(self.tools, self.folder, BATCH[case[0]])
        (port,) = free_ports(1)
        process = start(port, sink)
        try:
            warm = self.load(case, duration_s=1.0, **more)
            Load(self.tools, port, **warm).finish()
            settle(sink)
            rate = self.rate / (4 if case[2] == "gzip" else 1)
            at_rate = measure(process, sink, self.load(case, rate=rate, duration_s=self.seconds, **more),
                              self.tools, port)
            full = measure(process, sink, self.load(case, duration_s=self.seconds, **more),
                           self.tools, port)
            return at_rate, full
        finally:
            process.stop()
            sink.stop()

    def judge(self, what, value, limit, at_most=True):
        """`value` with its verdict; a miss is remembered for the exit code."""
        good = value <= limit if at_most else value >= limit
        if not good:
            self.failures.append(f"{what}: {value:.3g}, target {'≤' if at_most else '≥'} {limit:g}")
        return "met" if good else "**missed**"

    def summarise(self, work, weir, peer, target="", verdicts=(), unit="µs"):
        """One line for the head of the report. None: not measured. `verdicts` are those of judge()."""
        text = lambda value: "" if value is None else f"{value:.3g} {unit}".strip()
        both = weir is not None and peer is not None and weir > 0
        met = ("yes" if all(v == "met" for v in verdicts) else "**no**") if weir is not None and verdicts else ""
        self.summary.append(f"| {work} | {text(weir)} | {text(peer)} | {f'{peer / weir:.1f}' if both else ''} | "
                            f"{target} | {met} |")


class Median:
    """Medians over rounds of (at the offered rate, at saturation)."""

    def __init__(self, results):
        pick = lambda which, key: statistics.median(r[which][key] for r in results)
        self.rate_us, self.full_us = pick(0, "cpu_us_per_item"), pick(1, "cpu_us_per_item")
        self.full_per_s = pick(1, "items_per_second")
        self.p99_ms = pick(0, "p99_ms")
        self.peak_mib = pick(1, "peak_mib")
        self.refused = pick(1, "refused_items") + pick(1, "error_items")
        self.bytes = results[0][0]["item_bytes"]

    def row(self, name):
        return (f"| {name} | {self.rate_us:.3f} | {self.full_us:.3f} | {self.full_per_s / 1e3:,.0f} k | "
                f"{self.p99_ms:.1f} | {self.peak_mib:.0f} |")


SUMMARY = ["| work | Weir | Collector | Collector ÷ Weir | target | met? |", "| --- | --- | --- | --- | --- | --- |"]
TABLE = ["| | µs per item at the rate | at saturation | items/s | p99 ms at the rate | peak MiB |",
         "| --- | --- | --- | --- | --- | --- |"]
