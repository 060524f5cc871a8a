"""The JavaScript SDK and its nine OTLP exporters; emitted.py tells how."""

from emitted import run

if __name__ == "__main__":
    run(("grpc", "http/protobuf", "http/json"))
