#include "bench/loadgen/tally.h"

#include <time.h>

#include <algorithm>
#include <bit>
#include <cstdio>

namespace weir::bench {
namespace {

constexpr int64_t kStepNanos = 100'000'000;
constexpr size_t kMessagesMax = 12;

void AppendCount(std::string& out, const char* name, uint64_t value) {
  out += std::string("\"") + name + "\": " + std::to_string(value) + ", ";
}

void AppendMap(std::string& out, const char* name, const std::map<std::string, uint64_t>& map) {
  out += std::string("\"") + name + "\": {";
  const char* comma = "";
  for (const auto& [key, count] : map) {
    out += comma + JsonString(key) + ": " + std::to_string(count);
    comma = ", ";
  }
  out += "}, ";
}

}  // namespace

int64_t NowNanos() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

std::string JsonString(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e ? '?' : c;
  }
  return out + '"';
}

size_t Tally::BucketOf(int64_t nanos) {
  const auto micros = static_cast<uint64_t>(std::max<int64_t>(nanos / 1000, 1));
  const auto power = static_cast<size_t>(std::bit_width(micros) - 1);
  const size_t fraction = power >= 4 ? (micros >> (power - 4)) & 15 : (micros << (4 - power)) & 15;
  return std::min(power * 16 + fraction, kBuckets - 1);
}

void Tally::Count(int64_t now_nanos, uint64_t items, uint64_t bytes, int64_t latency_nanos,
                  const Answer& answer) {
  const auto step =
      static_cast<size_t>(std::max<int64_t>(now_nanos - start_nanos_, 0) / kStepNanos);
  if (timeline_.size() <= step) timeline_.resize(step + 1);
  if (answer.kind == Answer::Kind::kOk) {
    ++ok_requests_;
    ok_items_ += items;
    ok_bytes_ += bytes;
    timeline_[step].ok += items;
    ++latencies_[BucketOf(latency_nanos)];
    return;
  }
  const bool is_refused = answer.kind == Answer::Kind::kRefused;
  (is_refused ? refused_items_ : error_items_) += items;
  timeline_[step].refused += items;
  ++answers_[answer.label];
  if (messages_.size() < kMessagesMax || messages_.contains(answer.message)) {
    ++messages_[answer.message];
  }
}

double Tally::PercentileMs(double fraction) const {
  const auto goal = static_cast<uint64_t>(fraction * static_cast<double>(ok_requests_));
  uint64_t seen = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    seen += latencies_[i];
    if (seen > goal) {
      return static_cast<double>(uint64_t{1} << (i / 16)) * (1 + double(i % 16) / 16) / 1000;
    }
  }
  return 0;
}

std::string Tally::Json(double seconds) const {
  std::string out;
  AppendCount(out, "ok_requests", ok_requests_);
  AppendCount(out, "ok_items", ok_items_);
  AppendCount(out, "ok_bytes", ok_bytes_);
  AppendCount(out, "refused_items", refused_items_);
  AppendCount(out, "error_items", error_items_);
  AppendCount(out, "unsent_items", unsent_items_);
  AppendMap(out, "answers", answers_);
  AppendMap(out, "messages", messages_);
  char text[256];
  std::snprintf(
      text, sizeof text,
      "\"seconds\": %.3f, \"items_per_second\": %.0f, \"p50_ms\": %.3f, \"p90_ms\": %.3f, "
      "\"p99_ms\": %.3f, \"p999_ms\": %.3f, ",
      seconds, static_cast<double>(ok_items_) / seconds, PercentileMs(0.5), PercentileMs(0.9),
      PercentileMs(0.99), PercentileMs(0.999));
  out += text;
  out += "\"timeline\": [";
  const char* comma = "";
  for (const Step& step : timeline_) {
    out += comma + ("[" + std::to_string(step.ok)) + "," + std::to_string(step.refused) + "]";
    comma = ",";
  }
  return out + "]";
}

}  // namespace weir::bench
