// Makes telemetry with the Java SDK and exports the very same objects to several places; ../emitted.py tells how.
//
// The jobs are read with a pattern instead of a JSON parser: their shape is fixed and their texts hold no quotes.

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.logs.Logger;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporter;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.logs.OtlpGrpcLogRecordExporter;
import io.opentelemetry.exporter.otlp.metrics.OtlpGrpcMetricExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.data.LogRecordData;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import io.opentelemetry.sdk.logs.export.SimpleLogRecordProcessor;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.testing.exporter.InMemoryLogRecordExporter;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public class Emit {
  record Job(String name, String signal, String protocol, String compression, List<String> targets) {
    boolean isGrpc() {
      return protocol.equals("grpc");
    }

    Resource resource() {
      return Resource.create(Attributes.builder().put("service.name", "shop").put("case", name)
          .put(AttributeKey.stringArrayKey("zones"), List.of("a", "b")).build());
    }
  }

  static List<Job> jobs(String json) {
    Pattern job = Pattern.compile("\"name\": \"([^\"]*)\", \"signal\": \"([^\"]*)\", \"protocol\": \"([^\"]*)\", "
        + "\"compression\": \"([^\"]*)\", \"targets\": \\[\"([^\"]*)\", \"([^\"]*)\"\\]");
    List<Job> jobs = new ArrayList<>();
    for (Matcher m = job.matcher(json); m.find();) {
      jobs.add(new Job(m.group(1), m.group(2), m.group(3), m.group(4), List.of(m.group(5), m.group(6))));
    }
    return jobs;
  }

  static List<SpanData> spans(Job job) {
    InMemorySpanExporter memory = InMemorySpanExporter.create();
    Tracer tracer = SdkTracerProvider.builder().setResource(job.resource())
        .addSpanProcessor(SimpleSpanProcessor.create(memory)).build().get("weir-e2e", "0.1");
    Span parent = tracer.spanBuilder("checkout").setSpanKind(SpanKind.SERVER).startSpan();
    Span child = tracer.spanBuilder("charge card").setParent(Context.root().with(parent))
        .addLink(parent.getSpanContext()).setAttribute("user.id", 42L).setAttribute("amount", 9.5).startSpan();
    child.addEvent("declined", Attributes.of(AttributeKey.longArrayKey("codes"), List.of(51L, 14L)));
    child.recordException(new IllegalStateException("no funds"));
    child.setStatus(StatusCode.ERROR, "declined");
    child.end();
    parent.end();
    return memory.getFinishedSpanItems();
  }

  static Collection<MetricData> metrics(Job job) {
    InMemoryMetricReader reader = InMemoryMetricReader.create();
    Meter meter = SdkMeterProvider.builder().setResource(job.resource()).registerMetricReader(reader).build()
        .get("weir-e2e");
    for (String region : List.of("eu", "us")) {
      meter.counterBuilder("orders").setUnit("{order}").setDescription("Orders placed.").build()
          .add(3, Attributes.of(AttributeKey.stringKey("region"), region));
    }
    for (double value : new double[] {0.5, 12, 250, 9000}) {
      meter.histogramBuilder("latency").setUnit("ms").build().record(value);
    }
    meter.upDownCounterBuilder("open").build().add(-2);
    return reader.collectAllMetrics();
  }

  static List<LogRecordData> logs(Job job) {
    InMemoryLogRecordExporter memory = InMemoryLogRecordExporter.create();
    Logger logger = SdkLoggerProvider.builder().setResource(job.resource())
        .addLogRecordProcessor(SimpleLogRecordProcessor.create(memory)).build().get("weir-e2e");
    logger.logRecordBuilder().setTimestamp(1_790_000_000_000_000_000L, TimeUnit.NANOSECONDS).setSeverity(Severity.INFO)
        .setSeverityText("INFO").setBody("order placed").setAttribute(AttributeKey.longKey("items"), 3L).emit();
    logger.logRecordBuilder().setTimestamp(1_790_000_000_000_000_001L, TimeUnit.NANOSECONDS)
        .setSeverity(Severity.ERROR).setBody("declined: débit").emit();
    return memory.getFinishedLogRecordItems();
  }

  static CompletableResultCode sendSpans(Job job, String target, List<SpanData> data) {
    SpanExporter exporter = job.isGrpc()
        ? OtlpGrpcSpanExporter.builder().setEndpoint(target).setCompression(job.compression).build()
        : OtlpHttpSpanExporter.builder().setEndpoint(target + "/v1/traces").setCompression(job.compression).build();
    return exporter.export(data).join(20, TimeUnit.SECONDS);
  }

  static CompletableResultCode sendMetrics(Job job, String target, Collection<MetricData> data) {
    MetricExporter exporter = job.isGrpc()
        ? OtlpGrpcMetricExporter.builder().setEndpoint(target).setCompression(job.compression).build()
        : OtlpHttpMetricExporter.builder().setEndpoint(target + "/v1/metrics").setCompression(job.compression).build();
    return exporter.export(data).join(20, TimeUnit.SECONDS);
  }

  static CompletableResultCode sendLogs(Job job, String target, List<LogRecordData> data) {
    LogRecordExporter exporter = job.isGrpc()
        ? OtlpGrpcLogRecordExporter.builder().setEndpoint(target).setCompression(job.compression).build()
        : OtlpHttpLogRecordExporter.builder().setEndpoint(target + "/v1/logs").setCompression(job.compression).build();
    return exporter.export(data).join(20, TimeUnit.SECONDS);
  }

  static String run(Job job) {
    List<SpanData> spans = job.signal.equals("traces") ? spans(job) : null;
    Collection<MetricData> metrics = job.signal.equals("metrics") ? metrics(job) : null;
    List<LogRecordData> logs = job.signal.equals("logs") ? logs(job) : null;
    for (String target : job.targets) {
      CompletableResultCode result = spans != null ? sendSpans(job, target, spans)
          : metrics != null ? sendMetrics(job, target, metrics) : sendLogs(job, target, logs);
      if (!result.isSuccess()) {
        return "export to " + target + " failed: "
            + String.valueOf(result.getFailureThrowable()).replaceAll("[^ -~]|[\"\\\\]", " ");
      }
    }
    return "ok";
  }

  public static void main(String[] args) throws Exception {
    StringBuilder out = new StringBuilder();
    for (Job job : jobs(new String(System.in.readAllBytes(), StandardCharsets.UTF_8))) {
      out.append(out.isEmpty() ? "{" : ", ").append('"').append(job.name).append("\": \"").append(run(job)).append('"');
    }
    System.out.println(out.append('}'));
    System.exit(0);
  }
}
