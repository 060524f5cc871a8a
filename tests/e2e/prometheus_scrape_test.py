"""The program's own metrics as Prometheus takes them.

Scenario: two pull readers, one with the default options and one with every suffix, beside a few requests.
Guarantees: both pages parse; docs/reference/metrics.md has every name; promtool finds nothing but the missing `_total`
in the first and nothing at all in the second; a real Prometheus scrapes the names of both. promtool and prometheus are
looked for in PATH, or beside PROMTOOL_BINARY; without them their cases are skipped and counted.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

from sink import Sink
from support import Cases, Program, free_port, weir_binary

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"
TOTAL_HINT = 'counter metrics should have "_total" suffix'


class Scraped(Program):
    """A program with a plain page and a suffixed one."""

    def __init__(self, binary, target):
        self.plain_port, self.suffixed_port = free_port(), free_port()
        super().__init__(binary, target)

    def _config(self, target, out, compression):
        suffixes = "without_scope_info: false, without_type_suffix: false, without_units: false"
        plain = f"{{pull: {{exporter: {{prometheus: {{host: 127.0.0.1, port: {self.plain_port}}}}}}}}}"
        suffixed = f"{{pull: {{exporter: {{prometheus: {{host: 127.0.0.1, port: {self.suffixed_port}, {suffixes}}}}}}}}}"
        readers = f"{{metrics: {{readers: [{plain}, {suffixed}]}}}}"
        return super()._config(target, out, compression).replace("{metrics: {level: none}}", readers)


def page(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return answer.read().decode()


def names(text):
    return {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ")}


def expect_plain_names(port):
    found = names(page(port))
    expected = {"otelcol_process_uptime", "otelcol_process_cpu_seconds", "otelcol_process_memory_rss",
                "otelcol_receiver_accepted_log_records", "otelcol_exporter_sent_log_records", "target_info"}
    assert expected <= found, f"missing: {expected - found}"
    assert not any(name.endswith("_total") and not name.startswith("promhttp") for name in found), found


def expect_documented_names(port):
    rows = re.findall(r"^\| `([a-z_<>]+)`", REFERENCE.read_text(), re.M)
    patterns = [row.replace("<items>", "(spans|metric_points|log_records)").replace("<signal>", "(traces|metrics|logs)")
                for row in rows]
    unknown = {name for name in names(page(port)) if not any(re.fullmatch(pattern, name) for pattern in patterns)}
    assert unknown <= {"target_info"}, f"not in {REFERENCE.name}: {unknown}"


def expect_suffixed_names(port):
    text = page(port)
    expected = {"otelcol_process_uptime_seconds_total", "otelcol_process_cpu_seconds_total",
                "otelcol_process_memory_rss_bytes", "otelcol_receiver_accepted_log_records_total"}
    assert expected <= names(text), f"missing: {expected - names(text)}"
    assert 'otel_scope_name="go.opentelemetry.io/collector/service"' in text


def lint(promtool, port):
    run = subprocess.run([promtool, "check", "metrics"], input=page(port), capture_output=True, text=True, timeout=60)
    assert run.returncode in (0, 3), run.stderr  # 3: it parses, with remarks
    return [line for line in run.stderr.splitlines() if line]


def expect_only_total_hints(promtool, port):
    others = [line for line in lint(promtool, port) if not line.endswith(TOTAL_HINT)]
    assert not others, others


def expect_no_hints(promtool, port):
    hints = lint(promtool, port)
    assert not hints, hints


def query(port, expression):
    url = f"http://127.0.0.1:{port}/api/v1/query?query={urllib.parse.quote(expression)}"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return json.load(answer)["data"]["result"]
    except OSError:
        return []


def expect_scraped(prometheus, program):
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "prometheus.yml"
        config.write_text(json.dumps({"global": {"scrape_interval": "1s"}, "scrape_configs": [
            {"job_name": "weir", "static_configs": [{"targets": [
                f"127.0.0.1:{program.plain_port}", f"127.0.0.1:{program.suffixed_port}"]}]}]}))
        child = subprocess.Popen([prometheus, f"--config.file={config}", f"--storage.tsdb.path={folder}/data",
                                  f"--web.listen-address=127.0.0.1:{port}"],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 60
            wanted = ["otelcol_process_uptime > 0", "otelcol_process_uptime_seconds_total > 0",
                      'sum(up{job="weir"}) == 2', 'target_info{service_name!=""}']
            while wanted and time.monotonic() < deadline:
                wanted = [expression for expression in wanted if not query(port, expression)]
                time.sleep(0.2)
            assert not wanted, f"never came: {wanted}"
        finally:
            child.terminate()
            child.wait(30)


def tool(name):
    beside = os.environ.get("PROMTOOL_BINARY")
    if beside and (Path(beside).parent / name).exists():
        return str(Path(beside).parent / name)
    return shutil.which(name)


def send_one(program):
    body = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "x"}}]}]}]}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{program.http_port}/v1/logs", body,
                                     {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=10).close()


def main():
    cases = Cases()
    promtool, prometheus = tool("promtool"), tool("prometheus")
    sink = Sink()
    with Scraped(weir_binary(), sink) as program:
        send_one(program)
        deadline = time.monotonic() + 30
        while "otelcol_exporter_sent_log_records" not in page(program.plain_port) and time.monotonic() < deadline:
            time.sleep(0.05)
        cases.check("plain names", expect_plain_names, program.plain_port)
        cases.check("documented names", expect_documented_names, program.plain_port)
        cases.check("suffixed names", expect_suffixed_names, program.suffixed_port)
        if promtool:
            cases.check("promtool, plain page", expect_only_total_hints, promtool, program.plain_port)
            cases.check("promtool, suffixed page", expect_no_hints, promtool, program.suffixed_port)
        else:
            cases.skip("promtool is missing (Debian: apt install prometheus)", 2)
        if prometheus:
            cases.check("scraped by Prometheus", expect_scraped, prometheus, program)
        else:
            cases.skip("prometheus is missing (Debian: apt install prometheus)")
    sink.close()
    cases.finish()


if __name__ == "__main__":
    main()
