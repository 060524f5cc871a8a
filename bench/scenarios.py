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

    def starts_with(path, program):
        return lambda port, sink: bench.start(program, path, port, collector_config(
            port, sink, signal_name=case[0], protocol=case[1], compression=case[2]))

    starts = {program: starts_with(path, program) for program, path in bench.programs()}
    if case[1] == "http" or bench.tools.grpc_forwarder:
        starts["bare forwarder"] = lambda port, sink: bench.start_forwarder(port, sink, case[1])
    found = bench.compare(starts, case)
    lines = TABLE + [median.row(program) for program, median in found.items()]
    lines += ["", f"Items of {found[next(iter(found))].bytes:.0f} bytes, batches of {BATCH[case[0]]}."]
    return lines + verdicts(bench, name, case, found)


def verdicts(bench, name, case, found):
    """Targets are judged at saturation, where the figures they come from were measured."""
    weir, peer, bare = (found.get(n) for n in ("Weir", "Collector", "bare forwarder"))
    full = lambda median: median.full_us if median else None
    out, met = [], []
    if weir:
        met.append(bench.judge(name, weir.full_us, case[3]))
        out.append(f"- Weir {weir.full_us:.3f} µs, target ≤ {case[3]}: {met[-1]}")
    if weir and peer:
        met.append(bench.judge(f"{name}, ratio", peer.full_us / weir.full_us, case[4], at_most=False))
        out.append(f"- the Collector costs {peer.full_us / weir.full_us:.1f} times as much "
                   f"({peer.rate_us / weir.rate_us:.1f} at the rate), target ≥ {case[4]}: {met[-1]}")
    bench.summarise(f"{name}, CPU per item", full(weir), full(peer), f"≤ {case[3]} µs, ≥ {case[4]} times less", met)
    if bare:
        over = lambda median: median.full_us / bare.full_us if median else None
        is_judged = case[2] == "none" and weir
        met = [bench.judge(f"{name}, over bare", over(weir), 1.3)] if is_judged else []
        bench.summarise(f"{name}, over a bare forwarder", over(weir), over(peer), "≤ 1.3" * (case[2] == "none"), met, "×")
        if weir:
            out.append(f"- {over(weir):.2f} times the bare forwarder ({weir.rate_us / bare.rate_us:.2f} at the rate), "
                       f"target ≤ 1.3 without compression: {met[0] if met else 'for information'}")
    return out


def extra_cost(bench, title, limit, **more):
    """What one option costs on top of plain forwarding of logs over gRPC."""
    lines, added = list(TABLE), {}
    for program, path in bench.programs(contrib=True):
        def start(port, sink, options):
            options = dict(options)
            if options.get("storage"):
                options["storage"] = tempfile.mkdtemp(dir=bench.folder)
            return bench.start(program, path, port, collector_config(port, sink, **options))

        found = bench.compare({program: lambda port, sink: start(port, sink, {}),
                               f"{program}, {title}": lambda port, sink: start(port, sink, more)}, FORWARDING["logs-grpc"])
        lines += [median.row(name) for name, median in found.items()]
        plain, extra = found.values()
        added[program] = extra.full_us - plain.full_us
        lines.append(f"| added | {extra.rate_us - plain.rate_us:+.3f} | {added[program]:+.3f} | | | |")
    met = [bench.judge(title, added["Weir"], limit)] if "Weir" in added else []
    bench.summarise(f"{title} on top", added.get("Weir"), added.get("Collector"), f"≤ {limit} µs", met)
    return lines + ["", f"Target for Weir: ≤ +{limit} µs at saturation."] + [f"Weir: {v}." for v in met]


def attributes(bench):
    return extra_cost(bench, "attributes", 0.3, attributes=True)


def persistent(bench):
    return extra_cost(bench, "persistent queue", 0.15, storage=True)


RESTART_REQUESTS = 3600  # of 1000 logs, 299 bytes each: 1 GiB


def restart(bench):
    """Fills a queue on disk with 1 GiB against a stalled backend, kills the program, starts it again."""
    lines = ["| | ready after | queue delivered after | acknowledged requests lost | peak MiB |",
             "| --- | --- | --- | --- | --- |"]
    ready, lost = {}, {}
    for program, path in bench.programs(contrib=True):
        acked, ready[program], done_s, lost[program], peak = restart_once(bench, program, path)
        lines.append(f"| {program}, {acked} requests acknowledged | {ready[program]:.2f} s | {done_s:.1f} s | "
                     f"{lost[program]} | {peak:.0f} |")
    met = [bench.judge("restart, acknowledged requests lost", lost["Weir"], 0)] if "Weir" in lost else []
    bench.summarise("1 GiB queued, kill -9: ready again", ready.get("Weir"), ready.get("Collector"), unit="s")
    bench.summarise("… acknowledged requests lost", lost.get("Weir"), lost.get("Collector"), "0", met, unit="")
    return lines + ["", "The stalled backend had some requests in hand when the program was killed; those come again."]


def restart_once(bench, program, path):
    """(requests acknowledged, seconds to listening again, seconds to all delivered, requests lost, peak MiB)"""
    sink = Sink(bench.tools, bench.folder, 1000, scan=True)
    (port,) = free_ports(1)
    storage = tempfile.mkdtemp(dir=bench.folder)
    config = collector_config(port, sink, storage=storage, queue_mib=4096)
    sink.get("/mode/stalled")
    process = bench.start(program, path, port, config)
    acked_file = bench.folder / "acked"
    Load(bench.tools, port, requests=RESTART_REQUESTS, duration_s=120, acked_file=acked_file).finish()
    process.stop(signal.SIGKILL)
    sink.get("/mode/ok")
    sink.get("/reset")
    began = time.monotonic()
    process = bench.start(program, path, port, config)
    ready_s = time.monotonic() - began
    settle(sink, quiet_s=2, limit_s=180)
    done_s = time.monotonic() - began - 2
    acked, lost, _ = conservation(acked_file, sink)
    peak = process.memory_mib("VmHWM")
    process.stop()
    sink.stop()
    shutil.rmtree(storage, ignore_errors=True)
    return acked, ready_s, done_s, lost, peak


def idle(bench):
    lines = ["| | RSS MiB after 5 s | binary MB, stripped | start to listening |", "| --- | --- | --- | --- |"]
    rss, size = {}, {}
    for program, path in bench.programs():
        sink = Sink(bench.tools, bench.folder, 1000)
        (port,) = free_ports(1)
        began = time.monotonic()
        process = bench.start(program, path, port, collector_config(port, sink))
        ready_s = time.monotonic() - began
        time.sleep(5)
        rss[program], size[program] = process.memory_mib(), stripped_mb(path)
        lines.append(f"| {program} | {rss[program]:.1f} | {size[program]:.1f} | {ready_s * 1000:.0f} ms |")
        process.stop()
        sink.stop()
    for what, found, limit, unit in (("idle RSS", rss, 20, "MiB"), ("binary, stripped", size, 25, "MB")):
        met = [bench.judge(what, found["Weir"], limit)] if "Weir" in found else []
        bench.summarise(what, found.get("Weir"), found.get("Collector"), f"≤ {limit} {unit}", met, unit)
    return lines + ["", "Targets for Weir: ≤ 20 MiB, ≤ 25 MB."]


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
    peak, recovery, lost = {}, {}, {}
    for program, path in bench.programs():
        row, peak[program], recovery[program], lost[program] = overload_once(bench, protocol, program, path)
        lines.append(row)
    for what, found, limit, target, unit in (("peak RSS", peak, 141, "≤ 141 MiB", "MiB"),
                                             ("recovery to 90 %", recovery, 2.0, "≤ 2 s", "s"),
                                             ("acknowledged requests lost", lost, 0, "0", "")):
        met = [bench.judge(f"overload {protocol}, {what}", found["Weir"], limit)] if "Weir" in found else []
        bench.summarise(f"overload over {protocol}, {what}", found.get("Weir"), found.get("Collector"), target, met, unit)
    return lines + ["", "Targets for Weir: peak ≤ 141 MiB, 90 % of the best goodput within 2 s after recovery.",
                    "Phases: " + ", ".join(f"{p[0]} {p[2]} s" for p in PHASES) + "."]


def overload_once(bench, protocol, program, path):
    """(line of the table, peak MiB, seconds to recover, acknowledged requests lost)"""
    sink = Sink(bench.tools, bench.folder, 1000, scan=True)
    (port,) = free_ports(1)
    process = bench.start(program, path, port, collector_config(port, sink, protocol=protocol, memory_limiter=True))
    sink.get("/reset")
    load = Load(bench.tools, port, protocol=protocol, rate=1_000_000, in_flight=64, connections=8,
                duration_s=sum(p[2] for p in PHASES), timeout_s=10, acked_file=bench.folder / "acked")
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
    process.stop()
    sink.stop()
    return (f"| {program} | {peak:.0f} | {best / 1e3:,.0f} k/s | {text_of(recovered)} | "
            f"{acked}, {lost}, {doubled} requests | {answers} |"), peak, recovered, lost


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
    lines = ["| | µs per item, 8 connections | 64 connections | ratio |", "| --- | --- | --- | --- |"]
    ratio = {}
    for program, path in bench.programs():
        rate, cost = connections_once(bench, program, path)
        ratio[program] = cost[64] / cost[8]
        lines.append(f"| {program}, {rate / 1e3:,.0f} k/s | {cost[8]:.3f} | {cost[64]:.3f} | {ratio[program]:.2f} |")
    met = [bench.judge("64 connections against 8", ratio["Weir"], 1.3)] if "Weir" in ratio else []
    bench.summarise("64 connections against 8, at 30 %", ratio.get("Weir"), ratio.get("Collector"), "≤ 1.3", met, "×")
    return lines + ["", "Target for Weir: ≤ 1.3 times."]


def connections_once(bench, program, path):
    """(items per second, {connections: µs per item})"""
    case = FORWARDING["logs-grpc"]
    sink = Sink(bench.tools, bench.folder, 1000)
    (port,) = free_ports(1)
    process = bench.start(program, path, port, collector_config(port, sink))
    capacity = Load(bench.tools, port, duration_s=2).finish()["items_per_second"]
    settle(sink)
    runs = {8: [], 64: []}
    for _ in range(bench.rounds):
        for count, found in runs.items():
            load = bench.load(case, rate=0.3 * capacity, in_flight=count, connections=count, duration_s=bench.seconds)
            found.append(measure(process, sink, load, bench.tools, port)["cpu_us_per_item"])
    process.stop()
    sink.stop()
    return 0.3 * capacity, {count: statistics.median(found) for count, found in runs.items()}


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
