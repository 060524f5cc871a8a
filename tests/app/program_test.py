#!/usr/bin/env python3
"""The binary from its start to its end: signals, reloads, exit codes and log lines.

usage: program_test.py BINARY
Lines and texts are those of the Collector 0.155 (recorded in otelcol-golden/self-metrics/logs).
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

BINARY = sys.argv[1] if len(sys.argv) > 1 else os.environ["WEIR_BINARY"]
PATIENCE_S = 60


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def config(port, exporter="debug: {}", processors="", pipeline_processors="", extra="", level="none"):
    return f"""
receivers:
  otlp: {{protocols: {{http: {{endpoint: "127.0.0.1:{port}"}}}}}}
processors: {{{processors}}}
exporters:
  {exporter}
service:
  telemetry: {{metrics: {{level: {level}}}}}
  pipelines:
    logs: {{receivers: [otlp], processors: [{pipeline_processors}], exporters: [{exporter.split(':')[0]}]}}
{extra}"""


class Program:
    def __init__(self, text):
        self.folder = tempfile.TemporaryDirectory()
        self.file = Path(self.folder.name) / "config.yaml"
        self.file.write_text(text)
        self.log = Path(self.folder.name) / "log"
        self.out = open(self.log, "wb")
        self.child = subprocess.Popen([BINARY, f"--config={self.file}"], stdout=self.out, stderr=self.out)

    def text(self):
        return self.log.read_text(errors="replace")

    def wait_for(self, what, count=1):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if self.text().count(what) >= count:
                return
            if self.child.poll() is not None and self.text().count(what) < count:
                raise AssertionError(f"ended with {self.child.returncode} without {what!r}:\n{self.text()}")
            time.sleep(0.02)
        raise AssertionError(f"no {what!r} in\n{self.text()}")

    def ready(self):
        self.wait_for("Everything is ready. Begin running and processing data.")
        return self

    def end(self, number=signal.SIGTERM):
        self.child.send_signal(number)
        return self.child.wait(PATIENCE_S)

    def messages(self):
        """(level, message, fields) of console lines."""
        lines = []
        for line in self.text().splitlines():
            parts = line.split("\t")
            if len(parts) < 4 or not re.match(r"\d{4}-\d\d-\d\dT", parts[0]):
                continue
            fields = json.loads(parts[4]) if len(parts) > 4 else {}
            fields.pop("resource", None)
            lines.append((parts[1], parts[3], fields))
        return lines

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        self.out.close()
        self.folder.cleanup()


def post(port, body="{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"body\":{\"stringValue\":\"x\"}}]}]}]}"):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/logs", body.encode(),
                                     {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


class ProgramTest(unittest.TestCase):
    def test_starts_and_stops_with_the_collectors_lines(self):
        with Program(config(free_port())) as program:
            program.ready()
            self.assertEqual(program.end(), 0)
            lines = [(level, message) for level, message, _ in program.messages()]
            wanted = [("info", "Internal trace telemetry disabled"), ("info", "Starting weir..."),
                      ("info", "Starting extensions..."), ("info", "Starting HTTP server"),
                      ("info", "Everything is ready. Begin running and processing data."),
                      ("info", "Received signal from OS"), ("info", "Starting shutdown..."),
                      ("info", "Stopping extensions..."), ("info", "Shutdown complete.")]
            self.assertEqual(lines, wanted)
            start = dict((message, fields) for _, message, fields in program.messages())
            self.assertEqual(set(start["Starting weir..."]), {"Version", "NumCPU"})
            self.assertEqual(start["Received signal from OS"], {"signal": "terminated"})

    def test_ends_at_sigint(self):
        with Program(config(free_port())) as program:
            program.ready()
            self.assertEqual(program.end(signal.SIGINT), 0)
            self.assertIn('"signal": "interrupt"', program.text())

    def test_a_second_signal_ends_it_at_once(self):
        # Scenario: the only client holds a connection in the middle of its request, which a graceful stop waits for.
        port = free_port()
        with Program(config(port)) as program, socket.socket() as client:
            program.ready()
            client.connect(("127.0.0.1", port))
            client.sendall(b"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                           b"Content-Length: 100\r\n\r\n{")
            program.child.send_signal(signal.SIGTERM)
            program.wait_for("Starting shutdown...")
            program.child.send_signal(signal.SIGTERM)
            self.assertIn(program.child.wait(PATIENCE_S), (-signal.SIGTERM, 0))

    def test_a_port_in_use_is_told_and_nothing_stays(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with Program(config(port)) as program:
                self.assertEqual(program.child.wait(PATIENCE_S), 1)
                error = f"listen tcp 127.0.0.1:{port}: bind: address already in use"
                self.assertEqual(program.text().splitlines()[-1],
                                 f'Error: cannot start pipelines: failed to start "otlp" receiver: {error}')
                self.assertIn(("error", "Failed to start component",
                               {"error": error, "type": "Receiver", "id": "otlp"}), program.messages())
                self.assertIn("Shutdown complete.", program.text())

    def test_an_alias_is_told(self):
        with Program(config(free_port(), exporter="otlphttp: {endpoint: 'http://127.0.0.1:1'}")) as program:
            program.ready()
            self.assertIn('"otlphttp" alias is deprecated; use "otlp_http" instead', program.text())
            self.assertEqual(program.end(), 0)

    def test_reloads_at_sighup_and_keeps_its_socket(self):
        port = free_port()
        with Program(config(port)) as program:
            program.ready()
            self.assertEqual(post(port), 200)
            program.file.write_text(config(port, exporter="nop: {}"))
            program.child.send_signal(signal.SIGHUP)
            program.wait_for("\tConfig updated\t")
            self.assertIn('"signal": "hangup"', program.text())
            self.assertEqual(post(port), 200)
            self.assertEqual(program.text().count("Starting HTTP server"), 1)
            self.assertEqual(program.end(), 0)

    def test_reloads_when_its_file_changes(self):
        port, other = free_port(), free_port()
        with Program(config(port)) as program:
            program.ready()
            program.file.write_text(config(other))
            program.wait_for("\tConfig updated\t")
            self.assertEqual(post(other), 200)
            with self.assertRaises(urllib.error.URLError):
                post(port)
            self.assertEqual(program.end(), 0)

    def test_a_bad_file_changes_nothing_and_tells_everything(self):
        port = free_port()
        with Program(config(port)) as program:
            program.ready()
            program.file.write_text(config(port, exporter="debug: {verbosty: 1, samplin: 2}", extra="nope: {}\n"))
            program.child.send_signal(signal.SIGHUP)
            program.wait_for("Config not updated, the running one stays in force", 2)
            self.assertIn("nope", program.text())
            self.assertIn("verbosty", program.text())
            self.assertEqual(post(port), 200)
            self.assertEqual(program.end(), 0)

    def test_a_port_in_use_at_a_reload_changes_nothing(self):
        port = free_port()
        with socket.socket() as taken, Program(config(port)) as program:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            program.ready()
            program.file.write_text(config(taken.getsockname()[1]))
            program.child.send_signal(signal.SIGHUP)
            program.wait_for("Config not updated, the running one stays in force")
            self.assertIn("address already in use", program.text())
            self.assertEqual(post(port), 200)
            self.assertEqual(program.end(), 0)

    def test_validate_is_silent_or_tells_the_graph(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "c.yaml"
            file.write_text(config(4318))
            good = subprocess.run([BINARY, "validate", f"--config={file}"], capture_output=True, text=True)
            self.assertEqual((good.returncode, good.stdout, good.stderr), (0, "", ""))
            file.write_text(config(4318, exporter="forward:") .replace("exporters:\n  forward:", "connectors:\n  forward:\nexporters:\n  debug:"))
            bad = subprocess.run([BINARY, "validate", f"--config={file}"], capture_output=True, text=True)
            self.assertEqual(bad.returncode, 1)
            self.assertIn('failed to build pipelines: connector "forward" used as exporter in [logs] pipeline but '
                          "not used in any supported receiver pipeline", bad.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
