// The options every sending exporter shares: `timeout`, `retry_on_failure` and `sending_queue`,
// with the Collector's keys, defaults and words (its configretry and exporterhelper packages).
//
//   struct OtlpGrpcConfig {
//     pipeline::TimeoutConfig timeout;
//     pipeline::RetryConfig retry;
//     config::Optional<pipeline::QueueConfig> queue =
//     config::Optional<pipeline::QueueConfig>::On(); void Fields(config::Fields& f) {
//       f.Squash("timeoutconfig", timeout);
//       f("retry_on_failure", retry);
//       f("sending_queue", queue);
//     }
//   };
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/config/fields.h"
#include "pipeline/component_id.h"

namespace weir::pipeline {

// How long one attempt may take.
struct TimeoutConfig {
  static constexpr std::string_view kTypeName = "exporterhelper.TimeoutConfig";
  config::Duration timeout = std::chrono::seconds(5);  // 0: no limit
  void Fields(config::Fields& f);
  void Validate(const config::Checker& check) const;
};

// Exponential backoff between attempts.
struct RetryConfig {
  static constexpr std::string_view kTypeName = "configretry.BackOffConfig";
  bool enabled = true;
  config::Duration initial_interval = std::chrono::seconds(5);
  double randomization_factor = 0.5;  // the interval is drawn from ±this part of it
  double multiplier = 1.5;
  config::Duration max_interval = std::chrono::seconds(30);
  // From the first attempt to the last; 0 = for ever. Behind a queue with storage the default means
  // for ever too, see max_elapsed_time_written.
  config::Duration max_elapsed_time = std::chrono::minutes(5);
  bool max_elapsed_time_written = false;  // the configuration names the key
  void Fields(config::Fields& f);
  void Validate(const config::Checker& check) const;
};

// What a size counts.
class Sizer {
 public:
  enum Kind : uint8_t { kRequests, kItems, kBytes };
  Sizer(Kind kind = kRequests) : kind_(kind) {}  // NOLINT: implicit, as the enumeration is
  operator Kind() const { return kind_; }        // NOLINT
  bool written() const { return written_; }      // came from a configuration, not from a default

  static constexpr bool kPrintsEmpty = true;
  static std::string_view GoType() { return "exporterhelper.RequestSizerType"; }
  bool FromText(std::string_view text, std::string* error);
  std::string ToText() const;

 private:
  Kind kind_;
  bool written_ = false;
};

// The id of an extension: `storage: file_storage/queue`.
struct ExtensionRef {
  ComponentId id;
  static std::string_view GoType() { return "component.ID"; }
  bool FromText(std::string_view text, std::string* error);
  std::string ToText() const { return id.ToString(); }
};

// Requests of different metadata values are never merged.
struct PartitionConfig {
  static constexpr std::string_view kTypeName = "queuebatch.PartitionConfig";
  std::vector<std::string> metadata_keys;  // names of request headers, any case
  void Fields(config::Fields& f);
  void Validate(const config::Checker& check) const;
};

// `sending_queue.batch`: requests are merged up to min_size and cut at max_size.
struct QueueBatchConfig {
  static constexpr std::string_view kTypeName = "queuebatch.BatchConfig";
  config::Duration flush_timeout = std::chrono::milliseconds(200);  // from the first data
  int64_t min_size = 8192;                                          // in units of sizer
  int64_t max_size = 0;                                             // 0: never cut
  Sizer sizer = Sizer::kItems;
  PartitionConfig partition;
  void Fields(config::Fields& f);
  void Validate(const config::Checker& check) const;
};

// `sending_queue`.
struct QueueConfig {
  static constexpr std::string_view kTypeName = "queuebatch.Config";
  int64_t queue_size = 1000;  // in units of sizer, what is being exported included
  int num_consumers = 10;     // exports in flight at a time
  Sizer sizer = Sizer::kRequests;
  bool block_on_overflow = false;  // wait for room instead of refusing
  bool wait_for_result = false;    // answer with the backend's answer
  std::optional<ExtensionRef> storage;
  config::Optional<QueueBatchConfig> batch;
  void Fields(config::Fields& f);
  void Validate(const config::Checker& check) const;
};

}  // namespace weir::pipeline
