#include "pipeline/exporter_config.h"

#include <algorithm>
#include <cctype>

namespace weir::pipeline {
namespace {

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

void TimeoutConfig::Fields(config::Fields& f) { f("timeout", timeout); }

void TimeoutConfig::Validate(const config::Checker& check) const {
  if (timeout < config::Duration::zero()) check.Error("'timeout' must be non-negative");
}

void RetryConfig::Fields(config::Fields& f) {
  f("enabled", enabled);
  f("initial_interval", initial_interval);
  f("randomization_factor", randomization_factor);
  f("multiplier", multiplier);
  f("max_interval", max_interval);
  f.Noting("max_elapsed_time", max_elapsed_time, max_elapsed_time_written);
}

void RetryConfig::Validate(const config::Checker& check) const {
  constexpr config::Duration kZero = config::Duration::zero();
  if (!enabled) return;
  if (initial_interval < kZero) return check.Error("'initial_interval' must be non-negative");
  if (randomization_factor < 0 || randomization_factor > 1) {
    return check.Error("'randomization_factor' must be within [0, 1]");
  }
  if (multiplier < 0) return check.Error("'multiplier' must be non-negative");
  if (max_interval < kZero) return check.Error("'max_interval' must be non-negative");
  if (max_elapsed_time < kZero) return check.Error("'max_elapsed_time' must be non-negative");
  if (max_elapsed_time == kZero) return;
  if (max_elapsed_time < initial_interval) {
    return check.Error("'max_elapsed_time' must not be less than 'initial_interval'");
  }
  if (max_elapsed_time < max_interval) {
    return check.Error("'max_elapsed_time' must not be less than 'max_interval'");
  }
}

bool Sizer::FromText(std::string_view text, std::string* error) {
  for (Kind kind : {kRequests, kItems, kBytes}) {
    if (Sizer(kind).ToText() != text) continue;
    kind_ = kind;
    written_ = true;
    return true;
  }
  *error = "invalid sizer: \"" + std::string(text) + "\"";
  return false;
}

std::string Sizer::ToText() const {
  return kind_ == kRequests ? "requests" : kind_ == kItems ? "items" : "bytes";
}

bool ExtensionRef::FromText(std::string_view text, std::string* error) {
  Result<ComponentId> parsed = ComponentId::Parse(text);
  if (!parsed) {
    *error = parsed.error().message();
    return false;
  }
  id = *std::move(parsed);
  return true;
}

void PartitionConfig::Fields(config::Fields& f) { f("metadata_keys", metadata_keys); }

void PartitionConfig::Validate(const config::Checker& check) const {
  std::vector<std::string> seen;
  for (const std::string& key : metadata_keys) {
    std::string lower = Lower(key);
    if (std::find(seen.begin(), seen.end(), lower) != seen.end()) {
      return check.Error("duplicate entry in metadata_keys: \"" + lower + "\" (case-insensitive)");
    }
    seen.push_back(std::move(lower));
  }
}

void QueueBatchConfig::Fields(config::Fields& f) {
  f("flush_timeout", flush_timeout);
  f("min_size", min_size);
  f("max_size", max_size);
  f("sizer", sizer);
  f("partition", partition);
}

void QueueBatchConfig::Validate(const config::Checker& check) const {
  if (sizer == Sizer::kRequests) {
    return check.Error("`batch` supports only `items` or `bytes` sizer, found \"requests\"");
  }
  if (flush_timeout <= config::Duration::zero()) {
    return check.Error("`flush_timeout` must be positive, found " +
                       std::to_string(flush_timeout.count()));
  }
  if (min_size < 0) {
    return check.Error("`min_size` must be non-negative, found " + std::to_string(min_size));
  }
  if (max_size < 0) {
    return check.Error("`max_size` must be non-negative, found " + std::to_string(max_size));
  }
  if (max_size > 0 && max_size < min_size) {
    return check.Error("`max_size` (" + std::to_string(max_size) +
                       ") must be greater or equal to `min_size` (" + std::to_string(min_size) +
                       ")");
  }
}

void QueueConfig::Fields(config::Fields& f) {
  f("sizer", sizer);
  // The batch counts as the queue does when only the queue says how; so its keys come later.
  if (sizer.written() && !batch->sizer.written()) batch.value().sizer = Sizer::Kind(sizer);
  f("queue_size", queue_size);
  f("num_consumers", num_consumers);
  f("block_on_overflow", block_on_overflow);
  f("wait_for_result", wait_for_result);
  f("storage", storage);
  f("batch", batch);
}

void QueueConfig::Validate(const config::Checker& check) const {
  if (num_consumers <= 0) return check.Error("`num_consumers` must be positive");
  if (queue_size <= 0) return check.Error("`queue_size` must be positive");
  if (storage && wait_for_result) {
    return check.Error(
        "`wait_for_result` is not supported with a persistent queue configured with `storage`");
  }
  if (batch && Sizer::Kind(batch->sizer) == Sizer::Kind(sizer) && batch->min_size > queue_size) {
    check.Error("`min_size` must be less than or equal to `queue_size`");
  }
}

}  // namespace weir::pipeline
