"""Hostile clients: what they send is refused, memory stays bounded, and an honest client beside them notices nothing.

Scenario: for each attack an honest client sends small requests by gRPC and HTTP all the while.
Guarantees: the attack gets the refusal it deserves (or its connection is closed), every honest request is
acknowledged and arrives, and the peak of resident memory grows by less than MEMORY_MAX_MIB.
"""

import gzip
import os
import re
import socket
import struct
import threading
import time
import urllib.error
import urllib.request
import zlib
from pathlib import Path

# A sanitizer keeps freed memory for a while; that is not the program's.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=8"

import grpc
import h2.config
import h2.connection
import h2.events

from sink import METHODS, MESSAGES, Sink
from support import Cases, Program, weir_binary

# Twice and more of everything where a sanitizer watches.
MEMORY_MAX_MIB = 480 if os.environ.get("WEIR_SANITIZE") else 160
MIB = 1 << 20


def log_request(body=None, text="honest"):
    message = MESSAGES["logs"][0]()
    record = message.resource_logs.add().scope_logs.add().log_records.add()
    if body is not None:
        record.body.CopyFrom(body)
    else:
        record.body.string_value = text
    return message.SerializeToString()


def nested(depth):
    """A request whose body nests arrays `depth` deep, written by hand: protobuf's own limit is lower."""
    def field(number, content):
        size, length = len(content), b""
        while size >= 0x80:
            length += bytes([size & 0x7F | 0x80])
            size >>= 7
        return bytes([number << 3 | 2]) + length + bytes([size]) + content
    value = field(1, b"x")
    for _ in range(depth - 1):
        value = field(5, field(1, value))
    return field(1, field(2, field(2, field(5, value))))


class HonestClient:
    """Sends by gRPC and HTTP until it is told to stop; `failures` is what went wrong."""

    def __init__(self, program):
        self.sent, self.failures, self.stopped = 0, [], threading.Event()
        self.channel = grpc.insecure_channel(f"127.0.0.1:{program.grpc_port}")
        self.call = self.channel.unary_unary(METHODS["logs"], request_serializer=None, response_deserializer=None)
        self.url = f"http://127.0.0.1:{program.http_port}/v1/logs"
        self.thread = threading.Thread(target=self.loop, daemon=True)
        self.thread.start()

    def loop(self):
        body, headers = log_request(), {"Content-Type": "application/x-protobuf"}
        while not self.stopped.is_set():
            try:
                self.call(body, timeout=20)
                urllib.request.urlopen(urllib.request.Request(self.url, body, headers), timeout=20).close()
                self.sent += 2
            except (OSError, grpc.RpcError) as error:
                self.failures.append(repr(error))
            self.stopped.wait(0.02)

    def finish(self):
        self.stopped.set()
        self.thread.join(30)
        self.channel.close()


def memory_mib(program, key):
    text = Path(f"/proc/{program.child.pid}/status").read_text()
    return int(re.search(rf"{key}:\s+(\d+) kB", text)[1]) / 1024


def under_attack(attack):
    sink = Sink()
    with Program(weir_binary(), sink, "grpc") as program:
        before = memory_mib(program, "VmRSS")
        honest = HonestClient(program)
        attack(program)
        time_limit = time.monotonic() + 20
        while honest.sent < 20 and time.monotonic() < time_limit:
            time.sleep(0.02)
        honest.finish()
        assert program.child.poll() is None, "the program ended"
        assert not honest.failures, f"an honest client was refused: {honest.failures[:3]}"
        grown = memory_mib(program, "VmHWM") - before
        assert grown < MEMORY_MAX_MIB, f"memory grew by {grown:.0f} MiB"
    arrived = sum(len(scope.log_records) for request in sink.take() for entry in request.message.resource_logs
                  for scope in entry.scope_logs if scope.log_records[0].body.string_value == "honest")
    sink.close()
    assert arrived == honest.sent, f"{honest.sent} honest requests were acknowledged, {arrived} arrived"


def post(program, body, headers):
    """(status, text) of a POST to /v1/logs."""
    request = urllib.request.Request(f"http://127.0.0.1:{program.http_port}/v1/logs", body,
                                     {"Content-Type": "application/x-protobuf", **headers})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def in_parallel(count, function):
    errors = []

    def run():
        try:
            function()
        except Exception as error:  # told by the main thread
            errors.append(error)
    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def bomb(container):
    """256 MiB of zeros, small on the wire."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31 if container == "gzip" else 15)
    chunk = bytes(MIB)
    return b"".join(packer.compress(chunk) for _ in range(256)) + packer.flush()


def http_bomb(encoding):
    body = bomb(encoding)

    def attack(program):
        def once():
            status, text = post(program, body, {"Content-Encoding": encoding})
            # 503: many at once, and no memory left to inflate this one.
            assert status in (400, 503), (status, text)
        once()
        in_parallel(6, once)
    return attack


def grpc_call(program, body, metadata=(), options=()):
    """Status code of one call with `body` sent as it stands (already compressed, say)."""
    connection = Http2(program.grpc_port)
    return connection.call(METHODS["logs"], b"\1" + struct.pack(">I", len(body)) + body, metadata)


def grpc_bomb(program):
    body = bomb("gzip")

    def once():
        code = grpc_call(program, body, [("grpc-encoding", "gzip")])
        assert code in ("8", "14"), f"grpc-status {code}"
    once()
    in_parallel(6, once)


def deep_nesting(program):
    for depth in (65, 1000, 100_000):
        status, text = post(program, nested(depth), {})
        assert status == 400, (depth, status, text)
        connection = Http2(program.grpc_port)
        body = nested(depth)
        code = connection.call(METHODS["logs"], b"\0" + struct.pack(">I", len(body)) + body)
        assert code == "3", f"depth {depth}: grpc-status {code}"
    status, text = post(program, nested(64), {})
    assert status == 200, (status, text)


def huge_lengths(program):
    """Declared lengths of gigabytes, at every level that has one."""
    for body in (b"\x0a\xff\xff\xff\xff\x0f", b"\x0a" + b"\xff" * 9 + b"\x01", b"\x0a\x80\x80\x80\x80\x08abc"):
        status, text = post(program, body, {})
        assert status == 400, (status, text)
    with socket.create_connection(("127.0.0.1", program.http_port), 10) as s:
        s.sendall(b"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n"
                  b"Content-Length: 9223372036854775807\r\n\r\n")
        assert b" 400 " in s.recv(200).split(b"\r\n")[0] + b" ", "a body above the limit was waited for"
    # A gRPC message of 4 GiB - 1, sent as far as the server lets it.
    Http2(program.grpc_port).flood(METHODS["logs"], b"\0" + b"\xff\xff\xff\xff", 200 * MIB)
    # Snappy's own header declares 4 GiB.
    status, text = post(program, b"\xff\xff\xff\xff\x0f" + b"x" * 50, {"Content-Encoding": "snappy"})
    assert status == 400, (status, text)


def truncated(program):
    whole = log_request(text="y" * 5000)
    for size in (1, 2, 7, len(whole) // 2, len(whole) - 1):
        status, text = post(program, whole[:size], {})
        assert status == 400, (size, status, text)
    packed = gzip.compress(whole)
    status, text = post(program, packed[:len(packed) // 2], {"Content-Encoding": "gzip"})
    assert status == 400, (status, text)


def slow_bodies(program):
    """Two hundred connections that declare a megabyte each and send a byte now and then."""
    sockets = []
    head = (b"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: 1000000\r\n\r\n")
    for _ in range(200):
        s = socket.create_connection(("127.0.0.1", program.http_port), 10)
        s.sendall(head)
        sockets.append(s)
    for s in sockets:
        s.sendall(b"\x0a")
    for s in sockets:
        s.close()


def rapid_resets(program):
    """Streams opened and reset at once, as in CVE-2023-44487: twenty thousand on each of two connections."""
    def once():
        connection = Http2(program.grpc_port)
        connection.open_and_reset(METHODS["logs"], 20_000)
    in_parallel(2, once)


def bad_http2(program):
    for bytes_sent in (b"GET / HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 64, os.urandom(4096)):
        with socket.create_connection(("127.0.0.1", program.grpc_port), 10) as s:
            s.sendall(bytes_sent)
            s.settimeout(15)
            try:
                while s.recv(65536):
                    pass
            except ConnectionError:
                pass


class Http2:
    """A client of HTTP/2 that minds no manners."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.socket.settimeout(20)
        self.http2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, validate_outbound_headers=False))
        self.http2.initiate_connection()
        self.flush()

    def flush(self):
        self.socket.sendall(self.http2.data_to_send())

    def head(self, path, metadata=()):
        return [(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "x"),
                ("te", "trailers"), ("content-type", "application/grpc"), *metadata]

    def call(self, path, body, metadata=(), end=True):
        """grpc-status of a call; None when the connection ended first."""
        stream = self.http2.get_next_available_stream_id()
        self.http2.send_headers(stream, self.head(path, metadata))
        sent = 0
        while True:
            room = min(self.http2.local_flow_control_window(stream), self.http2.max_outbound_frame_size, len(body) - sent)
            if room > 0:
                self.http2.send_data(stream, body[sent:sent + room])
                sent += room
                if sent == len(body) and end:
                    self.http2.end_stream(stream)
            self.flush()
            if room > 0 and sent < len(body):
                continue
            received = self.socket.recv(65536)
            if not received:
                return None
            for event in self.http2.receive_data(received):
                if isinstance(event, (h2.events.ResponseReceived, h2.events.TrailersReceived)):
                    for name, value in event.headers:
                        if name in (b"grpc-status", "grpc-status"):
                            self.socket.close()
                            return value.decode() if isinstance(value, bytes) else value
                if isinstance(event, (h2.events.ConnectionTerminated, h2.events.StreamReset)):
                    return None

    def flood(self, path, start, size_max):
        """Sends a message that begins with `start` until the server stops reading, resets or `size_max`."""
        stream = self.http2.get_next_available_stream_id()
        self.http2.send_headers(stream, self.head(path))
        self.http2.send_data(stream, start)
        self.socket.settimeout(3)
        sent, piece = 0, bytes(16 * 1024)
        try:
            while sent < size_max:
                while self.http2.local_flow_control_window(stream) >= len(piece):
                    self.http2.send_data(stream, piece)
                    sent += len(piece)
                    self.flush()
                received = self.socket.recv(65536)
                if not received:
                    break
                self.http2.receive_data(received)
        except (OSError, h2.exceptions.ProtocolError):
            pass   # no window, or closed: both are the server's right
        self.socket.close()

    def open_and_reset(self, path, count):
        try:
            for _ in range(count):
                stream = self.http2.get_next_available_stream_id()
                self.http2.send_headers(stream, self.head(path))
                self.http2.reset_stream(stream)
                self.flush()
        except (OSError, h2.exceptions.ProtocolError):
            pass   # closed by the server, which is its right
        self.socket.close()


ATTACKS = {
    "a gzip bomb over HTTP": http_bomb("gzip"),
    "a zlib bomb over HTTP": http_bomb("zlib"),
    "a gzip bomb over gRPC": grpc_bomb,
    "deep nesting": deep_nesting,
    "huge declared lengths": huge_lengths,
    "truncated bodies": truncated,
    "slow bodies": slow_bodies,
    "rapid resets": rapid_resets,
    "what is not HTTP/2": bad_http2,
}

if __name__ == "__main__":
    cases = Cases()
    for name, the_attack in ATTACKS.items():
        cases.check(name, under_attack, the_attack)
    cases.finish()
