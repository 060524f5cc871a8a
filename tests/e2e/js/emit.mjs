// Makes telemetry with the JavaScript SDK and exports the very same objects to several places.
//
// Standard input: a JSON list of {name, signal, protocol, compression, targets: {grpc|http: [urls]}}.
// Each case carries its name in the resource attribute `case`. Standard output: {name: "ok" or what failed}.
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { context, trace } from '@opentelemetry/api';
import { readFileSync } from 'node:fs';

const kinds = { grpc: 'grpc', 'http/protobuf': 'proto', 'http/json': 'http' };
const classes = { traces: ['trace', 'OTLPTraceExporter'], metrics: ['metrics', 'OTLPMetricExporter'], logs: ['logs', 'OTLPLogExporter'] };

async function exporterOf(signal, protocol, compression, url) {
  const [module, name] = classes[signal];
  const exports = await import(`@opentelemetry/exporter-${module}-otlp-${kinds[protocol]}`);
  const path = protocol === 'grpc' ? '' : `/v1/${signal}`;
  return new exports[name]({
    url: url + path,
    compression: compression === 'gzip' ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
  });
}

function spans(resource) {
  const memory = new InMemorySpanExporter();
  const provider = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter: memory })] });
  const tracer = provider.getTracer('weir-e2e', '1.2.3');
  const parent = tracer.startSpan('checkout', { kind: 1, attributes: { 'user.id': 42, ratio: 0.5, paid: true } });
  const inner = trace.setSpan(context.active(), parent);
  const child = tracer.startSpan('charge card', { kind: 2, links: [{ context: parent.spanContext(), attributes: { why: 'retry' } }] }, inner);
  child.addEvent('declined', { 'attempt.numbers': [1, 2, 3], 'card.kind': 'débit ✓' });
  child.recordException(new Error('no funds'));
  child.setStatus({ code: 2, message: 'declined' });
  child.end();
  parent.end();
  return memory.getFinishedSpans();
}

async function metrics(resource) {
  const memory = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: memory, exportIntervalMillis: 3600_000 });
  const meter = new MeterProvider({ resource, readers: [reader] }).getMeter('weir-e2e', '1.2.3');
  const counter = meter.createCounter('orders', { unit: '{order}', description: 'Orders placed.' });
  counter.add(3, { region: 'eu' });
  counter.add(4, { region: 'us' });
  meter.createUpDownCounter('open').add(-2);
  const histogram = meter.createHistogram('latency', { unit: 'ms' });
  for (const value of [0.5, 12, 250, 9000]) histogram.record(value, { route: '/cart' });
  meter.createObservableGauge('temperature').addCallback((r) => r.observe(21.25, { room: 'a' }));
  await reader.forceFlush();
  return memory.getMetrics()[0];
}

async function logs(resource) {
  const memory = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter: memory })] });
  const logger = provider.getLogger('weir-e2e', '1.2.3');
  logger.emit({ severityNumber: 9, severityText: 'INFO', body: 'order placed', attributes: { 'order.id': 'a-1', items: 3 } });
  logger.emit({ severityNumber: 17, severityText: 'ERROR', body: { message: 'no funds', codes: [51, 14] }, eventName: 'declined' });
  await provider.forceFlush();
  return memory.getFinishedLogRecords();
}

const makers = { traces: spans, metrics, logs };

async function send(exporter, data) {
  const result = await new Promise((resolve) => exporter.export(data, resolve));
  await exporter.shutdown();
  if (result.code !== 0) throw result.error ?? new Error('export failed');
}

const results = {};
for (const { name, signal, protocol, compression, targets } of JSON.parse(readFileSync(0, 'utf8'))) {
  try {
    const data = await makers[signal](resourceFromAttributes({ 'service.name': 'shop', case: name }));
    for (const url of targets) await send(await exporterOf(signal, protocol, compression, url), data);
    results[name] = 'ok';
  } catch (error) {
    results[name] = String(error?.message ?? error);
  }
}
console.log(JSON.stringify(results));
process.exit(0);
