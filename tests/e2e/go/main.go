// Makes telemetry with the Go SDK and exports the very same objects to several places; ../emitted.py tells how.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

type job struct {
	Name, Signal, Protocol, Compression string
	Targets                             []string
}

func resourceOf(j job) *resource.Resource {
	return resource.NewSchemaless(attribute.String("service.name", "shop"), attribute.String("case", j.Name),
		attribute.StringSlice("zones", []string{"a", "b"}))
}

func spans(ctx context.Context, j job) []sdktrace.ReadOnlySpan {
	memory := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(memory), sdktrace.WithResource(resourceOf(j)))
	tracer := provider.Tracer("weir-e2e", trace.WithInstrumentationVersion("0.1"))
	ctx, parent := tracer.Start(ctx, "checkout", trace.WithSpanKind(trace.SpanKindServer))
	_, child := tracer.Start(ctx, "charge card", trace.WithLinks(trace.Link{SpanContext: parent.SpanContext()}),
		trace.WithAttributes(attribute.Int("user.id", 42), attribute.Float64("amount", 9.5), attribute.Bool("paid", true)))
	child.AddEvent("declined", trace.WithAttributes(attribute.Int64Slice("codes", []int64{51, 14})))
	child.RecordError(errors.New("no funds"))
	child.SetStatus(codes.Error, "declined")
	child.End()
	parent.End()
	return memory.GetSpans().Snapshots()
}

func metrics(ctx context.Context, j job) (*metricdata.ResourceMetrics, error) {
	reader := sdkmetric.NewManualReader()
	meter := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithResource(resourceOf(j))).Meter("weir-e2e")
	orders, err := meter.Int64Counter("orders", metric.WithUnit("{order}"), metric.WithDescription("Orders placed."))
	if err != nil {
		return nil, err
	}
	for _, region := range []string{"eu", "us"} {
		orders.Add(ctx, 3, metric.WithAttributes(attribute.String("region", region)))
	}
	latency, err := meter.Float64Histogram("latency", metric.WithUnit("ms"))
	if err != nil {
		return nil, err
	}
	for _, value := range []float64{0.5, 12, 250, 9000} {
		latency.Record(ctx, value)
	}
	var data metricdata.ResourceMetrics
	return &data, reader.Collect(ctx, &data)
}

// keeper is a log exporter that keeps the records.
type keeper struct{ records []sdklog.Record }

func (k *keeper) Export(_ context.Context, records []sdklog.Record) error {
	for _, record := range records {
		k.records = append(k.records, record.Clone())
	}
	return nil
}
func (k *keeper) Shutdown(context.Context) error   { return nil }
func (k *keeper) ForceFlush(context.Context) error { return nil }

func logs(ctx context.Context, j job) []sdklog.Record {
	memory := &keeper{}
	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewSimpleProcessor(memory)),
		sdklog.WithResource(resourceOf(j)))
	logger := provider.Logger("weir-e2e", log.WithInstrumentationVersion("0.1"))
	var placed, declined log.Record
	placed.SetTimestamp(time.Unix(1_790_000_000, 1))
	placed.SetSeverity(log.SeverityInfo)
	placed.SetSeverityText("INFO")
	placed.SetBody(attribute.StringValue("order placed"))
	placed.AddAttributes(attribute.String("order.id", "a-1"), attribute.Int("items", 3))
	logger.Emit(ctx, placed)
	declined.SetTimestamp(time.Unix(1_790_000_000, 2))
	declined.SetSeverity(log.SeverityError)
	declined.SetBody(attribute.MapValue(attribute.String("message", "no funds"),
		attribute.ByteSlice("raw", []byte{0, 255}), attribute.Int64Slice("codes", []int64{51, 14})))
	logger.Emit(ctx, declined)
	return memory.records
}

func sendSpans(ctx context.Context, j job, target string, data []sdktrace.ReadOnlySpan) error {
	var client otlptrace.Client
	if j.Protocol == "grpc" {
		options := []otlptracegrpc.Option{otlptracegrpc.WithEndpoint(target), otlptracegrpc.WithInsecure()}
		if j.Compression == "gzip" {
			options = append(options, otlptracegrpc.WithCompressor("gzip"))
		}
		client = otlptracegrpc.NewClient(options...)
	} else {
		kind := otlptracehttp.NoCompression
		if j.Compression == "gzip" {
			kind = otlptracehttp.GzipCompression
		}
		client = otlptracehttp.NewClient(otlptracehttp.WithEndpoint(target), otlptracehttp.WithInsecure(), otlptracehttp.WithCompression(kind))
	}
	exporter, err := otlptrace.New(ctx, client)
	if err != nil {
		return err
	}
	return errors.Join(exporter.ExportSpans(ctx, data), exporter.Shutdown(ctx))
}

func sendMetrics(ctx context.Context, j job, target string, data *metricdata.ResourceMetrics) error {
	var exporter sdkmetric.Exporter
	var err error
	if j.Protocol == "grpc" {
		options := []otlpmetricgrpc.Option{otlpmetricgrpc.WithEndpoint(target), otlpmetricgrpc.WithInsecure()}
		if j.Compression == "gzip" {
			options = append(options, otlpmetricgrpc.WithCompressor("gzip"))
		}
		exporter, err = otlpmetricgrpc.New(ctx, options...)
	} else {
		kind := otlpmetrichttp.NoCompression
		if j.Compression == "gzip" {
			kind = otlpmetrichttp.GzipCompression
		}
		exporter, err = otlpmetrichttp.New(ctx, otlpmetrichttp.WithEndpoint(target), otlpmetrichttp.WithInsecure(), otlpmetrichttp.WithCompression(kind))
	}
	if err != nil {
		return err
	}
	return errors.Join(exporter.Export(ctx, data), exporter.Shutdown(ctx))
}

func sendLogs(ctx context.Context, j job, target string, data []sdklog.Record) error {
	var exporter sdklog.Exporter
	var err error
	if j.Protocol == "grpc" {
		options := []otlploggrpc.Option{otlploggrpc.WithEndpoint(target), otlploggrpc.WithInsecure()}
		if j.Compression == "gzip" {
			options = append(options, otlploggrpc.WithCompressor("gzip"))
		}
		exporter, err = otlploggrpc.New(ctx, options...)
	} else {
		kind := otlploghttp.NoCompression
		if j.Compression == "gzip" {
			kind = otlploghttp.GzipCompression
		}
		exporter, err = otlploghttp.New(ctx, otlploghttp.WithEndpoint(target), otlploghttp.WithInsecure(), otlploghttp.WithCompression(kind))
	}
	if err != nil {
		return err
	}
	return errors.Join(exporter.Export(ctx, data), exporter.Shutdown(ctx))
}

func run(ctx context.Context, j job) error {
	var send func(target string) error
	switch j.Signal {
	case "traces":
		data := spans(ctx, j)
		send = func(target string) error { return sendSpans(ctx, j, target, data) }
	case "metrics":
		data, err := metrics(ctx, j)
		if err != nil {
			return err
		}
		send = func(target string) error { return sendMetrics(ctx, j, target, data) }
	default:
		data := logs(ctx, j)
		send = func(target string) error { return sendLogs(ctx, j, target, data) }
	}
	for _, url := range j.Targets {
		if err := send(strings.TrimPrefix(url, "http://")); err != nil {
			return fmt.Errorf("to %s: %w", url, err)
		}
	}
	return nil
}

func main() {
	var jobs []job
	if err := json.NewDecoder(os.Stdin).Decode(&jobs); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	results := map[string]string{}
	for _, j := range jobs {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		results[j.Name] = "ok"
		if err := run(ctx, j); err != nil {
			results[j.Name] = err.Error()
		}
		cancel()
	}
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		os.Exit(1)
	}
}
