"""The program under test and the bookkeeping of cases.

The program is named by WEIR_BINARY: Weir, or the OpenTelemetry Collector, whose place Weir takes; every case
must pass with either. COLLECTOR_BINARY names a second one for the cases that chain the two.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Program:
    """A running collector: OTLP in on `grpc_port` and `http_port`, out to the ports of a sink or of another.

    `out` is "grpc" or "http", `compression` the exporter's.
    """

    def __init__(self, binary, target, out="grpc", compression="none", extra=""):
        self.grpc_port, self.http_port = free_port(), free_port()
        self.folder = tempfile.TemporaryDirectory()
        config = Path(self.folder.name) / "config.yaml"
        config.write_text(self._config(target, out, compression))
        self.log_path = Path(self.folder.name) / "log"
        with open(self.log_path, "wb") as log:
            self.child = subprocess.Popen([binary, "--config", str(config)], stdout=log, stderr=log)
        self._wait_for(self.grpc_port)
        self._wait_for(self.http_port)

    def _config(self, target, out, compression):
        exporter = "otlp" if out == "grpc" else "otlphttp"
        endpoint = f"127.0.0.1:{target.grpc_port}" if out == "grpc" else f"http://127.0.0.1:{target.http_port}"
        pipeline = f"{{receivers: [otlp], exporters: [{exporter}]}}"
        return f"""
receivers:
  otlp:
    protocols:
      grpc: {{endpoint: "127.0.0.1:{self.grpc_port}"}}
      http: {{endpoint: "127.0.0.1:{self.http_port}"}}
exporters:
  {exporter}: {{endpoint: "{endpoint}", compression: {compression}, tls: {{insecure: true}}}}
service:
  telemetry: {{metrics: {{level: none}}}}
  pipelines: {{traces: {pipeline}, metrics: {pipeline}, logs: {pipeline}}}
"""

    def _wait_for(self, port):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                if self.child.poll() is not None:
                    raise RuntimeError(f"ended with {self.child.returncode}: {self.log_path.read_text()[-2000:]}")
                time.sleep(0.01)
        raise RuntimeError(f"does not listen on {port}: {self.log_path.read_text()[-2000:]}")

    def stop(self):
        """Exit code after SIGTERM; None when it had to be killed."""
        self.child.terminate()
        try:
            return self.child.wait(20)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            return None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Cases:
    """Runs named checks, counts them, and ends the process with the line that test runners look for."""

    def __init__(self):
        self.passed, self.failed, self.skipped = 0, 0, 0

    def check(self, name, function, *arguments):
        try:
            function(*arguments)
            self.passed += 1
        except Exception as error:  # a failed case must not hide the others
            self.failed += 1
            print(f"FAILED {name}: {error}")
            if not isinstance(error, AssertionError):
                traceback.print_exc(file=sys.stdout)

    def skip(self, reason, count=1):
        self.skipped += count
        print(f"skipped {count}: {reason}")

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        sys.exit(1 if self.failed else 77 if not self.passed else 0)


def weir_binary():
    return os.environ["WEIR_BINARY"]
