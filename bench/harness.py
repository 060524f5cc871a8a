"""What a comparison needs: start a program on its own core, load it, and read what it cost.

CPU time is that of the whole process (user and system), read from its own clock in nanoseconds; memory is
VmRSS and VmHWM of /proc. Wall time is never a figure here: the machine may be shared.
"""

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

PROGRAM_CORE = 0
LOAD_CORE = 1


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Process:
    """A child pinned to one core, with its output in a file."""

    running = set()

    def __init__(self, name, argv, core, log_dir, env=None):
        self.name = name
        self.log_path = Path(log_dir) / f"{name.replace(' ', '-')}.log"
        self.log = open(self.log_path, "ab")
        self.child = subprocess.Popen(
            [str(a) for a in argv], stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL,
            env={**os.environ, **(env or {})}, preexec_fn=lambda: os.sched_setaffinity(0, {core}))
        self.pid = self.child.pid
        Process.running.add(self)

    @classmethod
    def kill_all(cls):
        """What a scenario that broke has left."""
        for process in list(cls.running):
            process.stop(signal.SIGKILL)

    def wait_for_port(self, port, timeout_s=30):
        start = time.monotonic()
        while time.monotonic() - start < timeout_s:
            if self.child.poll() is not None:
                tail = " ".join(self.log_path.read_bytes()[-400:].decode(errors="replace").split())
                raise RuntimeError(f"{self.name} ended with {self.child.returncode}: {tail}")
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return time.monotonic() - start
            except OSError:
                time.sleep(0.005)
        raise RuntimeError(f"{self.name} does not listen on {port} after {timeout_s} s")

    def cpu_s(self):
        """CPU seconds used so far by all threads, the ended ones too."""
        return time.clock_gettime_ns((~self.pid << 3) | 2) / 1e9

    def memory_mib(self, field="VmRSS"):
        for line in open(f"/proc/{self.pid}/status"):
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
        return 0.0

    def stop(self, how=signal.SIGTERM, timeout_s=20):
        if self.child.poll() is None:
            self.child.send_signal(how)
            try:
                self.child.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        self.log.close()
        Process.running.discard(self)


class Tools:
    """Where the generator, the sink and the forwarders were built."""

    def __init__(self, build_dir):
        self.build_dir = Path(build_dir)
        self.loadgen = self._find("weir-loadgen")
        self.sink = self._find("weir-sink")
        self.http_forwarder = self._find("bare-http-forwarder")
        self.grpc_forwarder = self._find("bare-grpc-forwarder", required=False)
        self.nghttp2_forwarder = self._find("bare-nghttp2-forwarder", required=False)

    def _find(self, name, required=True):
        for path in sorted(self.build_dir.glob(f"bench/*/{name}")):
            if path.is_file() and os.access(path, os.X_OK):
                return path
        if required:
            raise SystemExit(f"{name} is not built in {self.build_dir}: cmake --preset bench, then build it")
        return None


class Sink:
    """weir-sink on the load core, steered over its control port."""

    def __init__(self, tools, log_dir, batch, scan=False):
        self.batch = batch
        self.grpc_port, self.http_port, self.control_port = free_ports(3)
        argv = [tools.sink, "--grpc", self.grpc_port, "--http", self.http_port, "--control",
                self.control_port, "--batch", batch]
        self.process = Process("sink", argv + (["--scan"] if scan else []), LOAD_CORE, log_dir)
        self.process.wait_for_port(self.control_port)

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.control_port}{path}", timeout=10) as r:
            return r.read().decode()

    def stats(self):
        return json.loads(self.get("/stats"))

    def stop(self):
        self.process.stop(signal.SIGKILL)


class Load:
    """One run of weir-loadgen; `finish` waits for its summary."""

    def __init__(self, tools, port, *, signal_name="logs", protocol="grpc", compression="none", rate=0,
                 in_flight=8, connections=1, duration_s=3.0, honour_delay=False, timeout_s=10.0,
                 acked_file=None, requests=None):
        argv = [tools.loadgen, "--port", port, "--signal", signal_name, "--protocol", protocol,
                "--compression", compression, "--rate", rate, "--in-flight", in_flight,
                "--connections", connections, "--duration", duration_s, "--timeout", timeout_s]
        if honour_delay:
            argv.append("--honour-delay")
        if requests:
            argv += ["--requests", requests]
        if acked_file:
            argv += ["--acked-file", acked_file]
        self.child = subprocess.Popen([str(a) for a in argv], stdout=subprocess.PIPE, text=True,
                                      preexec_fn=lambda: os.sched_setaffinity(0, {LOAD_CORE}))

    def finish(self):
        out, _ = self.child.communicate()
        if self.child.returncode != 0:
            raise RuntimeError(f"weir-loadgen ended with {self.child.returncode}")
        return json.loads(out)


def measure(process, sink, load_arguments, tools, port):
    """CPU per delivered item over one run of the generator, and what the generator saw."""
    before, cpu_before = sink.stats(), process.cpu_s()
    summary = Load(tools, port, **load_arguments).finish()
    settle(sink)
    delivered = sink.stats()["items"] - before["items"]
    cpu_us = (process.cpu_s() - cpu_before) * 1e6
    summary["delivered"] = delivered
    summary["cpu_us_per_item"] = cpu_us / delivered if delivered else float("nan")
    summary["rss_mib"] = process.memory_mib()
    summary["peak_mib"] = process.memory_mib("VmHWM")
    return summary


def settle(sink, quiet_s=0.2, limit_s=30):
    """Waits until the sink has received nothing for a moment: queues behind the program are empty."""
    last, since, start = sink.stats()["items"], time.monotonic(), time.monotonic()
    while time.monotonic() - start < limit_s:
        time.sleep(0.05)
        now = sink.stats()["items"]
        if now != last:
            last, since = now, time.monotonic()
        elif time.monotonic() - since > quiet_s:
            return


def machine():
    """One line on the hardware, one on the system."""
    cpu = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if "model name" in line), "?")
    memory = next(int(line.split()[1]) for line in open("/proc/meminfo") if line.startswith("MemTotal"))
    release = next((line.split("=", 1)[1].strip().strip('"') for line in open("/etc/os-release")
                    if line.startswith("PRETTY_NAME")), "?")
    return (f"{os.cpu_count()} × {cpu}, {memory / 1048576:.0f} GiB; {release}, Linux {os.uname().release}; "
            f"load average at start {os.getloadavg()[0]:.1f}")


def stripped_mb(path):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "stripped"
        subprocess.run(["strip", "-o", out, path], check=True)
        return out.stat().st_size / 1e6
