"""The Java SDK and its six OTLP exporters; emitted.py tells how."""

from emitted import run

if __name__ == "__main__":
    run(("grpc", "http/protobuf"))
