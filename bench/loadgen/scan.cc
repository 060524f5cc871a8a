#include <protozero/pbf_reader.hpp>

#include "bench/loadgen/gzip.h"
#include "bench/loadgen/payload.h"
#include "bench/loadgen/sink.h"
#include "bench/loadgen/tally.h"

namespace weir::bench {
namespace {

using protozero::data_view;
using protozero::pbf_reader;

// Metric.data: gauge, sum, histogram, exponential histogram and summary all keep points in field 1.
bool IsMetricData(uint32_t tag) { return tag == 5 || tag == 7 || (tag >= 9 && tag <= 11); }

uint64_t CountPoints(data_view metric_bytes) {
  uint64_t points = 0;
  for (pbf_reader metric(metric_bytes); metric.next();) {
    if (!IsMetricData(metric.tag())) {
      metric.skip();
      continue;
    }
    for (pbf_reader data = metric.get_message(); data.next();) {
      points += data.tag() == 1;
      data.skip();
    }
  }
  return points;
}

uint64_t CountInScope(data_view scope_bytes, bool is_metrics) {
  uint64_t items = 0;
  for (pbf_reader scope(scope_bytes); scope.next();) {
    if (scope.tag() != 2) {
      scope.skip();
    } else if (is_metrics) {
      items += CountPoints(scope.get_view());
    } else {
      ++items;
      scope.skip();
    }
  }
  return items;
}

// The string in an AnyValue; empty for other kinds.
std::string_view StringOf(data_view any_bytes) {
  pbf_reader any(any_bytes);
  if (!any.next(1)) return {};
  const data_view text = any.get_view();
  return {text.data(), text.size()};
}

// The number in the resource's attribute `weir.sequence`; 0 without one.
uint64_t SequenceOf(data_view resource_bytes) {
  for (pbf_reader resource(resource_bytes); resource.next(1);) {
    std::string_view key;
    data_view value;
    for (pbf_reader attribute = resource.get_message(); attribute.next();) {
      const bool is_key = attribute.tag() == 1;
      const data_view field = attribute.get_view();
      if (is_key) {
        key = {field.data(), field.size()};
      } else {
        value = field;
      }
    }
    const std::string_view digits = key == kSequenceKey ? StringOf(value) : "";
    if (!digits.empty()) return std::stoull(std::string(digits), nullptr, 16);
  }
  return 0;
}

void ScanEntry(data_view entry_bytes, bool is_metrics, Received& received) {
  uint64_t sequence = 0;
  uint64_t items = 0;
  for (pbf_reader entry(entry_bytes); entry.next();) {
    if (entry.tag() == 1) {
      sequence = SequenceOf(entry.get_view());
    } else if (entry.tag() == 2) {
      items += CountInScope(entry.get_view(), is_metrics);
    } else {
      entry.skip();
    }
  }
  received.items += items;
  if (sequence != 0) received.items_by_sequence[sequence] += items;
}

}  // namespace

Received Scan(SinkState& state, std::string_view path, std::string_view body) {
  const bool is_metrics = path.find("etrics") != std::string_view::npos;
  Received received;
  received.bytes = body.size();
  thread_local std::string plain;
  if (IsGzip(body)) {
    if (!Inflate(body, plain)) {
      ++state.malformed;
      return received;
    }
    body = plain;
  }
  try {
    for (pbf_reader request(body.data(), body.size()); request.next();) {
      if (request.tag() == 1) {
        ScanEntry(request.get_view(), is_metrics, received);
      } else {
        request.skip();
      }
    }
  } catch (const std::exception&) {
    ++state.malformed;
  }
  return received;
}

void CountOk(SinkState& state, const Received& received) {
  ++state.requests;
  state.items += received.items;
  state.bytes += received.bytes;
  const auto step = static_cast<size_t>((NowNanos() - state.start_nanos) / 100'000'000);
  if (step < state.timeline.size()) state.timeline[step] += received.items;
  if (received.items_by_sequence.empty()) return;
  std::lock_guard lock(state.mutex);
  for (const auto& [sequence, items] : received.items_by_sequence) {
    state.items_by_sequence[sequence] += items;
  }
}

}  // namespace weir::bench
