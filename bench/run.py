#!/usr/bin/env python3
"""Compares Weir with the OpenTelemetry Collector and with bare forwarders, in one run on this machine.

    bench/run.py                              everything (about 15 minutes)
    bench/run.py logs-grpc idle --rounds 3    some scenarios
    bench/run.py --list

Weir, the Collector (bench/peers/get.sh builds it) and the forwarders are given the same configuration, the
same load and one core each; generator and sink have the other core. The report is printed and written to
bench/results/DATE-NAME.md. Exit code 1: a target was missed.
"""

import argparse
import datetime
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from comparison import SUMMARY, Bench  # noqa: E402
from harness import Process, Tools, machine  # noqa: E402
from scenarios import EXPERIMENTS, all_scenarios  # noqa: E402

HERE = Path(__file__).resolve().parent


def peer(name, build):
    """Path of a peer, building it if asked; None when it is not there."""
    command = [HERE / "peers/get.sh"] + ([] if build else ["--have"]) + [name]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def first_line(command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip().splitlines()[0]
    except (OSError, IndexError):
        return "unknown"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenarios", nargs="*", help="names from --list; all but the experiments without")
    parser.add_argument("--list", action="store_true", help="print the names of the scenarios")
    parser.add_argument("--build", default=HERE.parent / "build/bench", help="folder of the bench preset")
    parser.add_argument("--weir", help="the program; default BUILD/weir or build/release/weir")
    parser.add_argument("--no-weir", action="store_true", help="measure the peers alone")
    parser.add_argument("--no-collector", action="store_true", help="measure Weir and the forwarders alone")
    parser.add_argument("--no-build-peers", action="store_true", help="use only peers that are built already")
    parser.add_argument("--seconds", type=float, default=4, help="length of each measured run")
    parser.add_argument("--rounds", type=int, default=1, help="repetitions; medians are reported")
    parser.add_argument("--rate", type=float, default=200_000, help="items offered per second (a quarter with gzip)")
    parser.add_argument("--name", default="comparison", help="of the results file; empty: write none")
    return parser.parse_args()


def find_weir(options):
    if options.no_weir:
        return None
    candidates = [options.weir, os.environ.get("WEIR_BINARY")]
    for folder in (Path(options.build), HERE.parent / "build/release"):
        candidates.append(folder / "weir")
    for path in candidates:
        if path and os.access(path, os.X_OK):
            return str(path)
    raise SystemExit("no weir found; give --weir PATH, or --no-weir")


def head(options, bench):
    now = datetime.datetime.now(datetime.timezone.utc)
    commit = first_line(["git", "-C", HERE, "log", "-1", "--format=%h %s"])
    return [f"# {options.name or 'comparison'}, {now:%Y-%m-%d %H:%M} UTC", "",
            f"- Machine: {machine()}.",
            f"- Weir: commit {commit}." if bench.weir else "- Weir: not measured.",
            "- Collector 0.155.0, own metrics off." if bench.otelcol else "- Collector: not measured.",
            f"- Program on core 0, generator and sink on core 1; runs of {options.seconds:g} s, median of "
            f"{options.rounds}; rate {options.rate:,.0f} items/s, a quarter of it with gzip; 8 requests in flight on one "
            "connection unless it says otherwise.",
            "- µs per item: CPU time of the whole process over the items that reached the sink.", ""]


def main():
    options = arguments()
    scenarios = all_scenarios()
    if options.list:
        print("\n".join(f"{name:18} {title}{', an experiment' * (name in EXPERIMENTS)}"
                        for name, (title, _) in scenarios.items()))
        return 0
    unknown = [n for n in options.scenarios if n not in scenarios]
    if unknown:
        raise SystemExit(f"unknown scenarios: {', '.join(unknown)}; see --list")
    get = lambda name: None if options.no_collector else peer(name, not options.no_build_peers)
    bench = Bench(Tools(options.build), find_weir(options), get("otelcol"), get("otelcol-contrib"),
                  options.seconds, options.rounds, options.rate)
    top, lines = head(options, bench), []
    print("\n".join(top), flush=True)
    try:
        for name in options.scenarios or [n for n in scenarios if n not in EXPERIMENTS]:
            title, scenario = scenarios[name]
            section = [f"## {title}", ""] + run_one(bench, name, scenario) + [""]
            print("\n".join(section), flush=True)
            lines += section
    finally:
        bench.close()
    if bench.summary:
        top += ["## Summary", ""] + SUMMARY + bench.summary + [""]
    missed = ["## Targets missed", ""] + ([f"- {f}" for f in bench.failures] or ["None."])
    print("\n".join(top + missed))
    write(options, top + lines + missed)
    return 1 if bench.failures else 0


def run_one(bench, name, scenario):
    """A scenario that breaks is a line in the report, not the end of the others."""
    try:
        return scenario(bench)
    except Exception as error:  # whatever a peer does must not lose the other figures
        Process.kill_all()
        bench.failures.append(f"{name}: did not finish: {error}")
        bench.summary.append(f"| {name} | | | | | did not finish |")
        return [f"Did not finish: {error}"]


def write(options, lines):
    if not options.name:
        return
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    path = folder / f"{datetime.date.today():%Y-%m-%d}-{options.name}.md"
    path.write_text("\n".join(lines) + "\n")
    print(f"\nwritten: {path}")


if __name__ == "__main__":
    sys.exit(main())
