"""Cases whose telemetry is made by an SDK of another language.

A small program of that language (js/emit.mjs, go/, java/) reads a JSON list of jobs {name, signal, protocol,
compression, targets}, makes telemetry whose resource carries the job's name as attribute `case`, and exports the
very same objects to each target: once straight to one sink, once through the program to another. It answers with a
JSON object {name: "ok" or what failed}. Both sinks must have received the same.
"""

import json
import os
import subprocess

from compare import Way, assert_same
from sink import MESSAGES, Sink
from support import Cases, Program, weir_binary


def case_of(request):
    """The resource attribute `case`; an empty request has none."""
    if not request.message.ListFields():
        return ""
    entry = request.message.ListFields()[0][1][0]
    return next((a.value.string_value for a in entry.resource.attributes if a.key == "case"), "")


def url_of(target, protocol):
    return f"http://127.0.0.1:{target.grpc_port if protocol == 'grpc' else target.http_port}"


def emit(jobs):
    done = subprocess.run(os.environ["EMIT_COMMAND"].split(), cwd=os.environ["EMIT_FOLDER"], input=json.dumps(jobs),
                          text=True, capture_output=True, timeout=200)
    if done.returncode != 0 or not done.stdout.strip():
        raise RuntimeError(f"the emitter ended with {done.returncode}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def same_as_direct(job, results, direct, through):
    assert results[job["name"]] == "ok", results[job["name"]]
    of_case = lambda requests: [r.message for r in requests if case_of(r) == job["name"]]
    assert of_case(direct.requests), "the exporter sent nothing to the sink"
    assert through.wait_for(of_case), "nothing arrived"
    assert_same(job["signal"], of_case(direct.requests), of_case(through.requests),
                Way(through_json=job["protocol"] == "http/json"))


def run(protocols):
    cases, direct, through = Cases(), Sink(), Sink()
    with Program(weir_binary(), through) as program:
        jobs = [{"name": f"{signal}, {protocol}, {compression}", "signal": signal, "protocol": protocol,
                 "compression": compression, "targets": [url_of(direct, protocol), url_of(program, protocol)]}
                for signal in MESSAGES for protocol in protocols for compression in ("none", "gzip")]
        results = emit(jobs)
        for job in jobs:
            cases.check(job["name"], same_as_direct, job, results, direct, through)
    direct.close()
    through.close()
    cases.finish()
