#include "bench/loadgen/payload.h"

#include <array>
#include <cstdio>
#include <protozero/pbf_writer.hpp>
#include <random>
#include <stdexcept>

#include "bench/loadgen/gzip.h"

namespace weir::bench {
namespace {

using protozero::pbf_writer;

constexpr uint64_t kStartNanos = 1'790'000'000'000'000'000ull;

constexpr std::array<const char*, 8> kServices = {"checkout", "cart",    "payment", "frontend",
                                                  "shipping", "catalog", "email",   "currency"};
constexpr std::array<const char*, 8> kRoutes = {
    "/api/cart",     "/api/checkout",  "/api/products/{id}", "/api/shipping/quote",
    "/api/currency", "/api/recommend", "/api/orders/{id}",   "/healthz"};
constexpr std::array<const char*, 5> kMethods = {"GET", "POST", "GET", "PUT", "DELETE"};

constexpr std::array<const char*, 6> kPages = {"/cart", "/pay", "/home", "/item", "/ship", "/help"};
constexpr std::array<const char*, 4> kZones = {"a", "b", "c", "d"};
constexpr std::array<const char*, 4> kRegions = {"eu-west-1", "eu-north-1", "us-east-1",
                                                 "us-west-2"};

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  uint64_t Below(uint64_t limit) { return engine_() % limit; }
  uint64_t Bits() { return engine_(); }
  template <typename T, size_t N>
  const T& OneOf(const std::array<T, N>& from) {
    return from[Below(N)];
  }
  std::string Bytes(size_t count) {
    std::string out(count, '\0');
    for (char& c : out) c = static_cast<char>(engine_());
    return out;
  }

 private:
  std::mt19937_64 engine_;
};

void WriteString(pbf_writer& parent, std::string_view key, std::string_view value, int tag) {
  pbf_writer attribute(parent, static_cast<uint32_t>(tag));
  attribute.add_string(1, key.data(), key.size());
  pbf_writer any(attribute, 2);
  any.add_string(1, value.data(), value.size());
}

void WriteInt(pbf_writer& parent, std::string_view key, int64_t value, int tag) {
  pbf_writer attribute(parent, static_cast<uint32_t>(tag));
  attribute.add_string(1, key.data(), key.size());
  pbf_writer any(attribute, 2);
  any.add_int64(3, value);
}

template <typename... Args>
std::string Format(const char* format, Args... args) {
  std::array<char, 256> text;
  const int length = std::snprintf(text.data(), text.size(), format, args...);
  return std::string(text.data(), static_cast<size_t>(length));
}

std::string Address(Random& random) {
  return Format("10.%u.%u.%u", unsigned(random.Below(4)), unsigned(random.Below(256)),
                unsigned(random.Below(256)));
}

void WriteResource(pbf_writer& entry, Random& random) {
  const char* service = random.OneOf(kServices);
  pbf_writer resource(entry, 1);
  WriteString(resource, "service.name", service, 1);
  WriteString(resource, "service.namespace", "shop", 1);
  WriteString(resource, "service.instance.id", Format("%016llx", (unsigned long long)random.Bits()),
              1);
  WriteString(resource, "k8s.pod.name", Format("%s-%08x", service, unsigned(random.Bits())), 1);
  WriteString(resource, "host.name", Format("node-%u", unsigned(random.Below(40))), 1);
  WriteString(resource, "deployment.environment.name", "production", 1);
  WriteString(resource, kSequenceKey, std::string(kSequenceDigits, '0'), 1);
}

void WriteScope(pbf_writer& entry) {
  pbf_writer scope(entry, 1);
  scope.add_string(1, "io.shop.instrumentation");
  scope.add_string(2, "2.4.1");
}

std::string LogBody(Random& random) {
  const auto user = unsigned(random.Below(100'000));
  const auto micros = unsigned(random.Below(900'000));
  switch (random.Below(4)) {
    case 0:
      return Format("%s %s for user %u answered 200 in %u us from %s", random.OneOf(kMethods),
                    random.OneOf(kRoutes), user, micros, Address(random).c_str());
    case 1:
      return Format("order %08x placed by user %u: %u items, total %u.%02u EUR",
                    unsigned(random.Bits()), user, unsigned(random.Below(20)) + 1,
                    unsigned(random.Below(500)), unsigned(random.Below(100)));
    case 2:
      return Format("cache miss for key session:%08x, loaded from %s in %u us",
                    unsigned(random.Bits()), Address(random).c_str(), micros);
    default:
      return Format("retrying call to %s after %u us, attempt %u of 5, deadline in %u ms",
                    random.OneOf(kServices), micros, unsigned(random.Below(4)) + 1,
                    unsigned(random.Below(3000)));
  }
}

void WriteLog(pbf_writer& scope_entry, Random& random, uint64_t time) {
  const bool is_warning = random.Below(12) == 0;
  pbf_writer record(scope_entry, 2);
  record.add_fixed64(1, time);
  record.add_enum(2, is_warning ? 13 : 9);
  record.add_string(3, is_warning ? "WARN" : "INFO");
  {
    pbf_writer body(record, 5);
    body.add_string(1, LogBody(random));
  }
  WriteString(record, "http.route", random.OneOf(kRoutes), 6);
  WriteString(record, "client.address", Address(random), 6);
  WriteInt(record, "http.response.status_code", 200, 6);
  WriteString(record, "session.id", Format("%016llx", (unsigned long long)random.Bits()), 6);
  WriteString(record, "thread.name", Format("worker-%u", unsigned(random.Below(16))), 6);
  record.add_fixed32(8, 1);
  record.add_bytes(9, random.Bytes(16));
  record.add_bytes(10, random.Bytes(8));
  record.add_fixed64(11, time + random.Below(2'000'000));
}

void WriteSpan(pbf_writer& scope_entry, Random& random, uint64_t time) {
  const char* method = random.OneOf(kMethods);
  const char* route = random.OneOf(kRoutes);
  pbf_writer span(scope_entry, 2);
  span.add_bytes(1, random.Bytes(16));
  span.add_bytes(2, random.Bytes(8));
  span.add_bytes(4, random.Bytes(8));
  span.add_string(5, Format("%s %s", method, route));
  span.add_enum(6, 2);
  span.add_fixed64(7, time);
  span.add_fixed64(8, time + 1'000 + random.Below(900'000'000));
  WriteString(span, "http.method", method, 9);
  WriteString(span, "http.route", route, 9);
  WriteInt(span, "http.status_code", 200, 9);
  WriteString(span, "http.flavor", "1.1", 9);
  WriteString(span, "http.scheme", "https", 9);
  WriteString(span, "net.peer.ip", Address(random), 9);
  WriteInt(span, "net.peer.port", int64_t(1024 + random.Below(60'000)), 9);
  WriteString(span, "user.id", Format("u-%06u", unsigned(random.Below(1'000'000))), 9);
  WriteInt(span, "thread.id", int64_t(random.Below(64)), 9);
  WriteString(span, "region", random.OneOf(kRegions), 9);
  pbf_writer status(span, 15);
  status.add_enum(3, 1);
}

std::string LogsBody(size_t batch, Random& random) {
  std::string out;
  pbf_writer request(out);
  pbf_writer entry(request, 1);
  WriteResource(entry, random);
  pbf_writer scope_entry(entry, 2);
  WriteScope(scope_entry);
  uint64_t time = kStartNanos + random.Below(1'000'000'000'000);
  for (size_t i = 0; i < batch; ++i) {
    WriteLog(scope_entry, random, time);
    time += random.Below(3'000'000);
  }
  scope_entry.commit();
  entry.commit();
  return out;
}

std::string SpansBody(size_t batch, Random& random) {
  std::string out;
  pbf_writer request(out);
  pbf_writer entry(request, 1);
  WriteResource(entry, random);
  pbf_writer scope_entry(entry, 2);
  WriteScope(scope_entry);
  uint64_t time = kStartNanos + random.Below(1'000'000'000'000);
  for (size_t i = 0; i < batch; ++i) {
    WriteSpan(scope_entry, random, time);
    time += random.Below(3'000'000);
  }
  scope_entry.commit();
  entry.commit();
  return out;
}

void WritePoint(pbf_writer& data, Random& random, uint64_t time) {
  pbf_writer point(data, 1);
  point.add_fixed64(2, kStartNanos);
  point.add_fixed64(3, time);
  point.add_double(4, double(random.Below(1'000'000'000)) / 1000);
  WriteString(point, "route", random.OneOf(kPages), 7);
  WriteInt(point, "code", int64_t(200 + random.Below(5) * 100), 7);
  WriteString(point, "zone", random.OneOf(kZones), 7);
}

// Counters of fifty points each, as an SDK reports one instrument over its attribute sets.
std::string PointsBody(size_t batch, Random& random) {
  constexpr size_t kPointsPerMetric = 50;
  std::string out;
  pbf_writer request(out);
  pbf_writer entry(request, 1);
  WriteResource(entry, random);
  pbf_writer scope_entry(entry, 2);
  WriteScope(scope_entry);
  const uint64_t time = kStartNanos + random.Below(1'000'000'000'000);
  for (size_t done = 0; done < batch; done += kPointsPerMetric) {
    pbf_writer metric(scope_entry, 2);
    metric.add_string(1, Format("shop.requests.%u", unsigned(done / kPointsPerMetric)));
    metric.add_string(2, "Requests answered, by route and status.");
    metric.add_string(3, "{request}");
    pbf_writer sum(metric, 7);
    for (size_t i = done; i < std::min(batch, done + kPointsPerMetric); ++i) {
      WritePoint(sum, random, time);
    }
    sum.add_enum(2, 2);
    sum.add_bool(3, true);
  }
  scope_entry.commit();
  entry.commit();
  return out;
}

}  // namespace

Signal ParseSignal(std::string_view name) {
  if (name == "logs") return Signal::kLogs;
  if (name == "spans") return Signal::kSpans;
  if (name == "points") return Signal::kPoints;
  throw std::invalid_argument("signal is logs, spans or points, not " + std::string(name));
}

std::string_view GrpcMethod(Signal signal) {
  switch (signal) {
    case Signal::kLogs:
      return "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
    case Signal::kSpans:
      return "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    case Signal::kPoints:
      break;
  }
  return "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
}

std::string_view HttpPath(Signal signal) {
  switch (signal) {
    case Signal::kLogs:
      return "/v1/logs";
    case Signal::kSpans:
      return "/v1/traces";
    case Signal::kPoints:
      break;
  }
  return "/v1/metrics";
}

size_t DefaultBatch(Signal signal) { return signal == Signal::kSpans ? 512 : 1000; }

std::vector<Payload> MakePayloads(Signal signal, size_t batch, size_t count, uint32_t seed) {
  Random random(seed);
  std::vector<Payload> payloads(count);
  for (Payload& payload : payloads) {
    payload.plain = signal == Signal::kLogs    ? LogsBody(batch, random)
                    : signal == Signal::kSpans ? SpansBody(batch, random)
                                               : PointsBody(batch, random);
    payload.gzip = Deflate(payload.plain);
    const size_t key = payload.plain.find(kSequenceKey);
    payload.sequence_offset = payload.plain.find(std::string(kSequenceDigits, '0'), key);
  }
  return payloads;
}

void StampSequence(std::string& body, size_t offset, uint64_t sequence) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (size_t i = 0; i < kSequenceDigits; ++i) {
    body[offset + i] = kDigits[(sequence >> (4 * (kSequenceDigits - 1 - i))) & 15];
  }
}

}  // namespace weir::bench
