"""SIGTERM under load: what was acknowledged arrives, once, and the program ends well.

Scenario: clients send numbered requests without a pause; the backend takes a while for each, so that the queue
behind the receiver is never empty; after some acknowledgements the program is told to stop.
Guarantees: every acknowledged request reaches the backend, none does twice, the exit code is 0.
"""

import threading
import urllib.request

import grpc

from sink import METHODS, MESSAGES, Sink
from support import Cases, Program, weir_binary

ACKNOWLEDGED_BEFORE = 200
CLIENTS = 4


def numbered(number):
    message = MESSAGES["logs"][0]()
    record = message.resource_logs.add().scope_logs.add().log_records.add()
    record.time_unix_nano = number
    record.body.string_value = "x" * 200
    return message.SerializeToString()


def numbers(requests):
    return [record.time_unix_nano for request in requests for entry in request.message.resource_logs
            for scope in entry.scope_logs for record in scope.log_records]


class Clients:
    """Threads that send until the program is gone; `acknowledged` are the numbers it said yes to."""

    def __init__(self, program, transport):
        self.acknowledged, self.enough = [], threading.Event()
        self.lock, self.stopped = threading.Lock(), threading.Event()
        send = self.grpc_sender(program) if transport == "grpc" else self.http_sender(program)
        self.threads = [threading.Thread(target=self.loop, args=(send, i), daemon=True) for i in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def grpc_sender(self, program):
        self.channel = grpc.insecure_channel(f"127.0.0.1:{program.grpc_port}")
        call = self.channel.unary_unary(METHODS["logs"], request_serializer=None, response_deserializer=None)
        return lambda body: call(body, timeout=5)

    def http_sender(self, program):
        url, headers = f"http://127.0.0.1:{program.http_port}/v1/logs", {"Content-Type": "application/x-protobuf"}
        return lambda body: urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=5).close()

    def loop(self, send, client):
        number = client + 1
        while not self.stopped.is_set():
            try:
                send(numbered(number))
            except (OSError, grpc.RpcError):
                if self.enough.is_set():
                    return
                continue
            with self.lock:
                self.acknowledged.append(number)
                if len(self.acknowledged) >= ACKNOWLEDGED_BEFORE:
                    self.enough.set()
            number += CLIENTS

    def finish(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join(10)
        return set(self.acknowledged)


def loses_nothing(transport):
    sink = Sink(answer_delay_s=0.02)
    program = Program(weir_binary(), sink, transport)
    clients = Clients(program, transport)
    assert clients.enough.wait(30), f"only {len(clients.acknowledged)} requests were acknowledged"
    exit_code = program.stop()
    acknowledged = clients.finish()
    arrived = numbers(sink.take())
    sink.close()
    assert exit_code == 0, f"exit code {exit_code}"
    lost = acknowledged - set(arrived)
    assert not lost, f"{len(lost)} of {len(acknowledged)} acknowledged requests lost, {min(lost)} first"
    assert len(arrived) == len(set(arrived)), f"{len(arrived) - len(set(arrived))} arrived twice"


if __name__ == "__main__":
    cases = Cases()
    for the_transport in ("grpc", "http"):
        cases.check(f"nothing is lost at SIGTERM, {the_transport}", loses_nothing, the_transport)
    cases.finish()
