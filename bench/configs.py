"""The configuration files of the comparison. Weir and the Collector are given the same file."""

PIPELINE = {"logs": "logs", "spans": "traces", "points": "metrics"}


def collector_config(port, sink, *, signal_name="logs", protocol="grpc", compression="none",
                     attributes=False, memory_limiter=False, storage=None, queue_mib=None):
    """OTLP in on `port`, OTLP out to `sink`, nothing else but what is asked for."""
    if protocol == "grpc":
        exporter, endpoint = "otlp", f"127.0.0.1:{sink.grpc_port}"
    else:
        exporter, endpoint = "otlphttp", f"http://127.0.0.1:{sink.http_port}"
    processors, sections, extensions = [], "", ""
    if memory_limiter:
        processors.append("memory_limiter")
        sections += "  memory_limiter: {check_interval: 1s, limit_mib: 128}\n"
    if attributes:
        processors.append("attributes")
        sections += ("  attributes:\n    actions:\n"
                     "      - {key: deployment.ring, value: blue, action: insert}\n"
                     "      - {key: session.id, action: delete}\n")
    queue = ""
    if storage:
        extensions = f"extensions:\n  file_storage: {{directory: {storage}, create_directory: true}}\n"
        queue = "    sending_queue:\n      storage: file_storage\n"
        if queue_mib:
            queue += f"      sizer: bytes\n      queue_size: {queue_mib * 1048576}\n"
    return f"""receivers:
  otlp:
    protocols:
      {protocol}: {{endpoint: "127.0.0.1:{port}"}}
{"processors:" + chr(10) + sections if sections else ""}exporters:
  {exporter}:
    endpoint: {endpoint}
    tls: {{insecure: true}}
    compression: {compression}
{queue}{extensions}service:
{"  extensions: [file_storage]" + chr(10) if storage else ""}  telemetry:
    metrics: {{level: none}}
    logs: {{level: warn}}
  pipelines:
    {PIPELINE[signal_name]}:
      receivers: [otlp]
      processors: [{", ".join(processors)}]
      exporters: [{exporter}]
"""
