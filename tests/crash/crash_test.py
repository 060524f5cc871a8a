"""SIGKILL at random moments: what was acknowledged arrives.

Scenario: clients send numbered requests without a pause, over HTTP and gRPC, and write down which were acknowledged;
the exporter's queue is in file_storage; the backend comes and goes; the program is killed and started again, 20
times (`--long`: 200). At the end the backend is up and the program is left alone.
Guarantees: every acknowledged request reaches the backend, none that was not sent does, the program ends with 0.
Some arrive twice: what was delivered just before a kill is not yet written down. How many, and how long a start
takes until the ports listen, is printed.
"""

import argparse
import os
import random
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "e2e"))
from support import Cases, free_port, weir_binary  # noqa: E402

try:
    import grpc
except ImportError:
    grpc = None

METHOD = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"


def varint(number):
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def field(number, payload):
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def numbered(number):
    """One ExportLogsServiceRequest of one record, whose time is its number."""
    record = b"\x09" + struct.pack("<Q", number) + field(5, field(1, b"x" * 300))
    return field(1, field(2, field(2, record)))


def fields(data):
    """(number, value) of each field of a message; a fixed64 is an int."""
    at = 0

    def take():
        nonlocal at
        number = shift = 0
        while True:
            byte = data[at]
            at += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    while at < len(data):
        key = take()
        kind = key & 7
        if kind == 0:
            yield key >> 3, take()
        elif kind == 1:
            yield key >> 3, struct.unpack_from("<Q", data, at)[0]
            at += 8
        elif kind == 2:
            size = take()
            yield key >> 3, data[at:at + size]
            at += size
        elif kind == 5:
            at += 4
        else:
            raise ValueError(f"wire type {kind}")


def numbers(request):
    return [value
            for n1, resource in fields(request) if n1 == 1
            for n2, scope in fields(resource) if n2 == 2
            for n3, record in fields(scope) if n3 == 2
            for n4, value in fields(record) if n4 == 1]


class Backend:
    """Counts the numbers that arrive; while it is down nobody listens."""

    def __init__(self):
        self.port = free_port()
        self.seen, self.lock, self.server = Counter(), threading.Lock(), None

    def up(self):
        if self.server:
            return
        backend = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with backend.lock:
                    if backend.server is not self.server:
                        self.close_connection = True
                        return
                    backend.seen.update(numbers(body))
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            allow_reuse_address = True
            daemon_threads = True

            def handle_error(self, *_):
                pass  # the peer was killed

        server = Server(("127.0.0.1", self.port), Handler)
        with self.lock:
            self.server = server
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    def down(self):
        with self.lock:
            server, self.server = self.server, None
        if server:
            server.shutdown()
            server.server_close()

    def missing(self, acknowledged):
        with self.lock:
            return acknowledged - self.seen.keys()


class Program:
    """The program under test over one folder; started and killed many times."""

    def __init__(self, binary, backend):
        self.binary, self.child = binary, None
        self.grpc_port, self.http_port = free_port(), free_port()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)
        (self.path / "config.yaml").write_text(f"""
extensions:
  file_storage: {{directory: "{self.path}/store", create_directory: true, fsync: true}}
receivers:
  otlp:
    protocols:
      grpc: {{endpoint: "127.0.0.1:{self.grpc_port}"}}
      http: {{endpoint: "127.0.0.1:{self.http_port}"}}
exporters:
  otlp_http:
    endpoint: "http://127.0.0.1:{backend.port}"
    compression: none
    retry_on_failure: {{initial_interval: 50ms, max_interval: 200ms, max_elapsed_time: 0s}}
    sending_queue: {{storage: file_storage, queue_size: 100000}}
service:
  extensions: [file_storage]
  telemetry: {{metrics: {{level: none}}}}
  pipelines: {{logs: {{receivers: [otlp], exporters: [otlp_http]}}}}
""")

    def start(self):
        """Seconds until both ports listen."""
        begin = time.monotonic()
        with open(self.path / "log", "ab") as log:
            self.child = subprocess.Popen([self.binary, "--config", str(self.path / "config.yaml")],
                                          stdout=log, stderr=log)
        for port in (self.grpc_port, self.http_port):
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    assert self.child.poll() is None, f"ended with {self.child.returncode}: {self.log()}"
                    assert time.monotonic() < begin + 30, f"does not listen: {self.log()}"
                    time.sleep(0.002)
        return time.monotonic() - begin

    def kill(self):
        assert self.child.poll() is None, f"ended by itself with {self.child.returncode}: {self.log()}"
        self.child.kill()
        self.child.wait()

    def stop(self):
        self.child.terminate()
        try:
            return self.child.wait(30)
        except subprocess.TimeoutExpired:
            self.child.kill()
            return f"none within 30 s: {self.log()}"

    def log(self):
        return (self.path / "log").read_text(errors="replace")[-3000:]


class Clients:
    """Threads that send as fast as answers come, through every kill."""

    def __init__(self, program, transports):
        self.sent, self.acknowledged, self.by_transport = set(), set(), Counter()
        self.lock, self.stopped, self.next = threading.Lock(), threading.Event(), 1
        self.threads = []
        for transport in transports * 2:
            send = self.grpc_sender(program) if transport == "grpc" else self.http_sender(program)
            self.threads.append(threading.Thread(target=self.loop, args=(transport, send), daemon=True))
        for thread in self.threads:
            thread.start()

    @staticmethod
    def grpc_sender(program):
        options = [("grpc.initial_reconnect_backoff_ms", 20), ("grpc.max_reconnect_backoff_ms", 50)]
        channel = grpc.insecure_channel(f"127.0.0.1:{program.grpc_port}", options)
        call = channel.unary_unary(METHOD, request_serializer=None, response_deserializer=None)
        return lambda body: call(body, timeout=5)

    @staticmethod
    def http_sender(program):
        url, headers = f"http://127.0.0.1:{program.http_port}/v1/logs", {"Content-Type": "application/x-protobuf"}
        return lambda body: urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=5).close()

    def loop(self, transport, send):
        failures = (OSError, ValueError) + ((grpc.RpcError,) if grpc else ())
        while not self.stopped.is_set():
            with self.lock:
                number, self.next = self.next, self.next + 1
                self.sent.add(number)
            try:
                send(numbered(number))
            except failures:
                self.stopped.wait(0.005)
                continue
            except Exception as error:  # http.client has exceptions of its own
                if type(error).__module__ != "http.client":
                    raise
                continue
            with self.lock:
                self.acknowledged.add(number)
                self.by_transport[transport] += 1

    def finish(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join(10)
        return self.acknowledged


def loses_nothing(rounds, seed):
    dice = random.Random(seed)
    backend = Backend()
    program = Program(weir_binary(), backend)
    starts = [program.start()]
    clients = Clients(program, ["http", "grpc"] if grpc else ["http"])
    for _ in range(rounds):
        end = time.monotonic() + dice.uniform(0.02, 0.6)
        while time.monotonic() < end:
            dice.choice([backend.up, backend.down, lambda: None])()
            time.sleep(dice.uniform(0.005, 0.1))
        program.kill()
        starts.append(program.start())
    acknowledged = clients.finish()
    backend.up()
    deadline = time.monotonic() + 120
    while backend.missing(acknowledged) and time.monotonic() < deadline:
        time.sleep(0.05)
    exit_code = program.stop()
    lost = backend.missing(acknowledged)
    backend.down()
    twice = sum(1 for count in backend.seen.values() if count > 1)
    print(f"seed {seed}: {rounds} kills, {len(acknowledged)} acknowledged {dict(clients.by_transport)}, "
          f"{len(backend.seen)} arrived, {twice} more than once; "
          f"start to listening: median {sorted(starts)[len(starts) // 2]:.3f} s, longest {max(starts):.3f} s")
    assert not lost, f"{len(lost)} of {len(acknowledged)} acknowledged requests lost: {sorted(lost)[:10]} {program.log()}"
    assert len(acknowledged) > rounds, "hardly anything was acknowledged"
    assert not backend.seen.keys() - clients.sent, "arrived and was never sent"
    assert exit_code == 0, f"exit code {exit_code}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--long", action="store_true", default=bool(os.environ.get("WEIR_TESTS_LONG")),
                        help="200 kills instead of 20; WEIR_TESTS_LONG says the same")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="of the random moments")
    arguments = parser.parse_args()
    cases = Cases()
    if grpc is None:
        print("without gRPC: the Python package is missing")
    cases.check("nothing acknowledged is lost at SIGKILL", loses_nothing, 200 if arguments.long else 20, arguments.seed)
    cases.finish()
