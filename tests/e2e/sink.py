"""A backend for tests: takes OTLP over gRPC and HTTP and keeps every request as a message.

Protobuf and JSON bodies, none and gzip. What arrived is in `Sink.requests`, a list of Request, in the order of
arrival; `wait_for` blocks until a condition on it holds.
"""

import base64
import gzip
import json
import threading
import time
from concurrent import futures
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc
from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

MESSAGES = {
    "traces": (trace_service_pb2.ExportTraceServiceRequest, trace_service_pb2.ExportTraceServiceResponse),
    "metrics": (metrics_service_pb2.ExportMetricsServiceRequest, metrics_service_pb2.ExportMetricsServiceResponse),
    "logs": (logs_service_pb2.ExportLogsServiceRequest, logs_service_pb2.ExportLogsServiceResponse),
}
METHODS = {
    "traces": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "metrics": "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
    "logs": "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
}
ID_FIELDS = {"traceId", "spanId", "parentSpanId"}


@dataclass
class Request:
    signal: str
    transport: str      # "grpc" or "http"
    encoding: str       # grpc-encoding or Content-Encoding, "" for none
    message: object     # Export…ServiceRequest


class Sink:
    """`answer_delay_s` is how long each request waits for its answer."""

    def __init__(self, answer_delay_s=0):
        self.answer_delay_s = answer_delay_s
        self.requests = []
        self._changed = threading.Condition()
        self._grpc = grpc.server(futures.ThreadPoolExecutor(4), options=[("grpc.max_receive_message_length", -1)])
        self._grpc.add_generic_rpc_handlers([_Handlers(self)])
        self.grpc_port = self._grpc.add_insecure_port("127.0.0.1:0")
        self._grpc.start()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _http_handler(self))
        self.http_port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def add(self, request):
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()
        if self.answer_delay_s:
            time.sleep(self.answer_delay_s)

    def take(self):
        """What has arrived since the last call."""
        with self._changed:
            taken, self.requests = self.requests, []
            return taken

    def wait_for(self, condition, timeout_s=20):
        """True once `condition(requests)` holds; False when it does not in time."""
        with self._changed:
            return self._changed.wait_for(lambda: condition(self.requests), timeout_s)

    def close(self):
        self._grpc.stop(0)
        self._http.shutdown()


class _Handlers(grpc.GenericRpcHandler):
    def __init__(self, sink):
        self.sink = sink

    def service(self, details):
        signal = next((s for s, method in METHODS.items() if method == details.method), None)
        if signal is None:
            return None
        metadata = dict(details.invocation_metadata)
        request_type, response_type = MESSAGES[signal]

        def export(message, _context):
            self.sink.add(Request(signal, "grpc", metadata.get("grpc-encoding", ""), message))
            return response_type()

        return grpc.unary_unary_rpc_method_handler(
            export, request_deserializer=request_type.FromString, response_serializer=response_type.SerializeToString)


def _http_handler(sink):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.body()
            encoding = self.headers.get("Content-Encoding", "")
            if encoding == "gzip":
                body = gzip.decompress(body)
            signal = self.path.rsplit("/", 1)[1]
            is_json = self.headers["Content-Type"].startswith("application/json")
            message = from_json(signal, body) if is_json else MESSAGES[signal][0].FromString(body)
            sink.add(Request(signal, "http", encoding, message))
            answer = b"{}" if is_json else b""
            self.send_response(200)
            self.send_header("Content-Type", self.headers["Content-Type"])
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def body(self):
            """The request's body; the JavaScript exporters send it in chunks."""
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers["Content-Length"]))
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def log_message(self, *_):
            pass

    return Handler


def from_json(signal, body):
    """OTLP JSON: protobuf's JSON mapping, but ids are hexadecimal."""
    tree = json.loads(body)
    return json_format.ParseDict(_with_ids(tree, lambda text: base64.b64encode(bytes.fromhex(text)).decode()),
                                 MESSAGES[signal][0](), ignore_unknown_fields=True)


def to_json(message):
    tree = json_format.MessageToDict(message, use_integers_for_enums=True)
    return json.dumps(_with_ids(tree, lambda text: base64.b64decode(text).hex())).encode()


def _with_ids(tree, convert):
    if isinstance(tree, list):
        return [_with_ids(item, convert) for item in tree]
    if not isinstance(tree, dict):
        return tree
    return {key: convert(value) if key in ID_FIELDS and isinstance(value, str) else _with_ids(value, convert)
            for key, value in tree.items()}
