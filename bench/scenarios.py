"""The scenarios of the comparison. Each takes a Bench and returns lines of a Markdown table."""

import shutil
import signal
import statistics
import tempfile
import time

from comparison import BATCH, TABLE
from configs import collector_config
from framing import grpc_framing
from harness import Load, Sink, free_ports, measure, settle, stripped_mb

# name → (signal, protocol, compression, limit of Weir's µs per item, how many times less than the Collector)
FORWARDING = {
    "logs-grpc": ("logs", "grpc", "none", 0.30, 4),
    "logs-grpc-gzip": ("logs", "grpc", "gzip", 0.8, 10),
    "logs-http": ("logs", "http", "none", 0.16, 15),
    "logs-http-gzip": ("logs", "http", "gzip", 0.7, 10),
    "spans-grpc": ("spans", "grpc", "none", 0.3, 7),
    "spans-grpc-gzip": ("spans", "grpc", "gzip", 0.8, 8),
    "points-grpc": ("points", "grpc", "none", 0.12, 6),
    "points-grpc-gzip": ("points", "grpc", "gzip", 0.25, 6),
}


def forwarding(bench, name):
    """OTLP in, OTLP out: Weir, the Collector and a program that only forwards bytes."""
    case = FORWARDING[name]
    found, lines = {}, list(TABLE)
    for program, path in bench.programs():
        start = lambda port, sink: bench.start(program, path, port, collector_config(
            port, sink, signal_name=case[0], protocol=case[1], compression=case[2]))
        found[program] = bench.run_twice(start, case)
        lines.append(found[program].row(program))
    forwarder = (case[1] == "http") or bench.tools.grpc_forwarder
    if forwarder:
        found["bare"] = bench.run_twice(lambda port, sink: bench.start_forwarder(port, sink, case[1]), case)
        lines.append(found["bare"].row("bare forwarder"))
    lines += ["", f"Items of {found[next(iter(found))].bytes:.0f} bytes, batches of {BATCH[case[0]]}."]
    if "Weir" in found:
        lines += verdicts(bench, name, case, found)
    return lines


def verdicts(bench, name, case, found):
    """Targets are judged at saturation, where the figures they come from were measured."""
    weir = found["Weir"]
    out = [f"- Weir {weir.full_us:.3f} µs, target ≤ {case[3]}: " + bench.judge(name, weir.full_us, case[3])]
    if "Collector" in found:
        at_rate, full = (getattr(found["Collector"], f) / getattr(weir, f) for f in ("rate_us", "full_us"))
        out.append(f"- the Collector costs {full:.1f} times as much ({at_rate:.1f} at the rate), target ≥ {case[4]}: "
                   + bench.judge(f"{name}, ratio", full, case[4], at_most=False))
    if "bare" in found:
        at_rate, full = (getattr(weir, f) / getattr(found["bare"], f) for f in ("rate_us", "full_us"))
        verdict = bench.judge(f"{name}, over bare", full, 1.3) if case[2] == "none" else "for information"
        out.append(f"- {full:.2f} times the bare forwarder ({at_rate:.2f} at the rate), target ≤ 1.3 without "
                   f"compression: {verdict}")
    return out


def extra_cost(bench, title, limit, **more):
    """What one option costs on top of plain forwarding of logs over gRPC."""
    case = FORWARDING["logs-grpc"]
    lines = list(TABLE)
    for program, path in bench.programs(contrib=True):
        def start(port, sink, options=None):
            options = dict(options or {})
            if options.get("storage"):
                options["storage"] = tempfile.mkdtemp(dir=bench.folder)
            return bench.start(program, path, port, collector_config(port, sink, **options))
        plain = bench.run_twice(start, case)
        extra = bench.run_twice(lambda port, sink: start(port, sink, more), case)
        lines += [plain.row(program), extra.row(f"{program}, {title}")]
        added = extra.full_us - plain.full_us
        verdict = bench.judge(title, added, limit) if program == "Weir" else "for comparison"
        lines += [f"| added | {extra.rate_us - plain.rate_us:+.3f} | {added:+.3f} | | | {verdict} |"]
    return lines + ["", f"Target for Weir: ≤ +{limit} µs at saturation."]


def attributes(bench):
    return extra_cost(bench, "attributes", 0.3, attributes=True)


def persistent(bench):
    return extra_cost(bench, "persistent queue", 0.15, storage=True)


def restart(bench):
    """Fills a queue on disk with 1 GiB against a stalled backend, kills the program, starts it again."""
    lines = ["| | ready after | queue delivered after | acknowledged requests lost | peak MiB |",
             "| --- | --- | --- | --- | --- |"]
    for program, path in bench.programs(contrib=True):
        sink = Sink(bench.tools, bench.folder, 1000, scan=True)
        (port,) = free_ports(1)
        storage = tempfile.mkdtemp(dir=bench.folder)
        config = collector_config(port, sink, storage=storage, queue_mib=4096)
        sink.get("/mode/stalled")
        process = bench.start(program, path, port, config)
        acked_file = bench.folder / "acked"
        Load(bench.tools, port, rate=300_000, duration_s=1024 / 90, acked_file=acked_file).finish()
        process.stop(signal.SIGKILL)
        sink.get("/mode/ok")
        sink.get("/reset")
        began = time.monotonic()
        process = bench.start(program, path, port, config)
        ready_s = time.monotonic() - began
        settle(sink, quiet_s=2, limit_s=180)
        done_s = time.monotonic() - began - 2
        acked, lost, _ = conservation(acked_file, sink)
        lines.append(f"| {program}, {acked} requests acknowledged | {ready_s:.2f} s | {done_s:.1f} s | {lost} | "
                     f"{process.memory_mib('VmHWM'):.0f} |")
        if program == "Weir" and lost:
            bench.failures.append(f"restart: {lost} acknowledged requests lost")
        process.stop()
        sink.stop()
        shutil.rmtree(storage, ignore_errors=True)
    return lines + ["", "The stalled backend had some requests in hand when the program was killed; those come again."]


def idle(bench):
    lines = ["| | RSS MiB after 5 s | binary MB, stripped | start to listening |", "| --- | --- | --- | --- |"]
    for program, path in bench.programs():
        sink = Sink(bench.tools, bench.folder, 1000)
        (port,) = free_ports(1)
        began = time.monotonic()
        process = bench.start(program, path, port, collector_config(port, sink))
        ready_s = time.monotonic() - began
        time.sleep(5)
        rss, size = process.memory_mib(), stripped_mb(path)
        verdict = ["", ""]
        if program == "Weir":
            verdict = [f" (≤ 20: {bench.judge('idle RSS', rss, 20)})", f" (≤ 25: {bench.judge('binary', size, 25)})"]
        lines.append(f"| {program} | {rss:.1f}{verdict[0]} | {size:.1f}{verdict[1]} | {ready_s * 1000:.0f} ms |")
        process.stop()
        sink.stop()
    return lines


PHASES = (("well", "/mode/ok", 6), ("stalled", "/mode/stalled", 12), ("slow", "/mode/slow?ms=200", 8),
          ("well again", "/mode/ok", 12))


def conservation(acked_file, sink):
    """Requests acknowledged, those of them that never reached the sink, and those that reached it more than once."""
    acked = {int(line) for line in acked_file.read_text().split()}
    arrived = dict(map(int, line.split()) for line in sink.get("/sequences").splitlines())
    return len(acked), len(acked - arrived.keys()), sum(items > sink.batch for items in arrived.values())


def overload(bench, protocol):
    """A million logs a second offered, memory_limiter at 128 MiB; the backend stalls, limps and recovers."""
    lines = ["| | peak MiB | best second of goodput | 90 % of it again after | acknowledged, lost, arrived twice | "
             "answers to the clients |", "| --- | --- | --- | --- | --- | --- |"]
    for program, path in bench.programs():
        sink = Sink(bench.tools, bench.folder, 1000, scan=True)
        (port,) = free_ports(1)
        process = bench.start(program, path, port, collector_config(
            port, sink, protocol=protocol, memory_limiter=True))
        sink.get("/reset")
        load = Load(bench.tools, port, protocol=protocol, rate=1_000_000, in_flight=64, connections=8,
                    duration_s=sum(p[2] for p in PHASES), timeout_s=10,
                    acked_file=bench.folder / "acked")
        marks, began = {}, time.monotonic()
        for phase, path_of_mode, seconds in PHASES:
            sink.get(path_of_mode)
            marks[phase] = int((time.monotonic() - began) * 10)
            time.sleep(seconds)
        summary = load.finish()
        timeline = sink.stats()["timeline"]
        settle(sink, quiet_s=2, limit_s=60)
        acked, lost, doubled = conservation(bench.folder / "acked", sink)
        best = max(sum(timeline[i:i + 10]) for i in range(len(timeline) - 10))
        recovered = time_to_recover(timeline, marks["well again"], 0.9 * best / 10)
        peak = process.memory_mib("VmHWM")
        answers = ", ".join(f"{k}: {v}" for k, v in sorted(summary["answers"].items())) or "none refused"
        lines.append(f"| {program} | {peak:.0f} | {best / 1e3:,.0f} k/s | {text_of(recovered)} | "
                     f"{acked}, {lost}, {doubled} requests | {answers} |")
        if program == "Weir":
            bench.judge(f"overload {protocol}, peak RSS", peak, 141)
            bench.judge(f"overload {protocol}, recovery", recovered, 2.0)
            bench.judge(f"overload {protocol}, acknowledged requests lost", lost, 0)
        process.stop()
        sink.stop()
    return lines + ["", "Targets for Weir: peak ≤ 141 MiB, 90 % of the best goodput within 2 s after recovery.",
                    "Phases: " + ", ".join(f"{p[0]} {p[2]} s" for p in PHASES) + "."]


def time_to_recover(timeline, start, goal_per_step, window=5):
    """Seconds from step `start` until the mean of half a second reaches the goal; infinity: never."""
    for step in range(start, len(timeline) - window):
        if statistics.mean(timeline[step:step + window]) >= goal_per_step:
            return (step - start) / 10
    return float("inf")


def text_of(seconds):
    return "never within the run" if seconds == float("inf") else f"{seconds:.1f} s"


def connections(bench):
    """64 connections with one request each against 8, at 30 % of what the program can do."""
    case = FORWARDING["logs-grpc"]
    lines = ["| | µs per item, 8 connections | 64 connections | ratio |", "| --- | --- | --- | --- |"]
    for program, path in bench.programs():
        sink = Sink(bench.tools, bench.folder, 1000)
        (port,) = free_ports(1)
        process = bench.start(program, path, port, collector_config(port, sink))
        capacity = Load(bench.tools, port, duration_s=2).finish()["items_per_second"]
        settle(sink)
        cost = {}
        for count in (8, 64):
            runs = [measure(process, sink, bench.load(case, rate=0.3 * capacity, in_flight=count, connections=count,
                                                      duration_s=bench.seconds), bench.tools, port)
                    for _ in range(bench.rounds)]
            cost[count] = statistics.median(r["cpu_us_per_item"] for r in runs)
        ratio = cost[64] / cost[8]
        verdict = f" (≤ 1.3: {bench.judge('64 connections', ratio, 1.3)})" if program == "Weir" else ""
        lines.append(f"| {program}, {0.3 * capacity / 1e3:,.0f} k/s | {cost[8]:.3f} | {cost[64]:.3f} | {ratio:.2f}{verdict} |")
        process.stop()
        sink.stop()
    return lines


def all_scenarios():
    """name → (title, function of a Bench)."""
    scenarios = {name: (f"Forwarding: {name}", lambda b, n=name: forwarding(b, n)) for name in FORWARDING}
    scenarios |= {
        "attributes": ("One insert and one delete on top (logs, gRPC)", attributes),
        "persistent": ("A queue on disk on top (logs, gRPC)", persistent),
        "restart": ("Restart with 1 GiB queued", restart),
        "idle": ("Idle", idle),
        "overload-grpc": ("Overload over gRPC", lambda b: overload(b, "grpc")),
        "overload-http": ("Overload over HTTP", lambda b: overload(b, "http")),
        "connections": ("Many connections", connections),
        "grpc-framing": ("gRPC C++ beside unary framing over nghttp2 (logs)", grpc_framing),
    }
    return scenarios


# Run when they are named, not with all the others.
EXPERIMENTS = {"grpc-framing"}
