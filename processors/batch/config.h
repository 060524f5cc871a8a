// Configuration of the processor `batch`; the Collector's keys and defaults, and one of ours.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/config/fields.h"

namespace weir::processors::batch {

struct BatchConfig {
  static constexpr std::string_view kTypeName = "batchprocessor.Config";

  config::Duration timeout = std::chrono::milliseconds(200);  // 0: nothing waits
  uint32_t send_batch_size = 8192;             // items that trigger a batch; 0: nothing waits
  uint32_t send_batch_max_size = 0;            // items; larger batches are cut; 0: never
  std::vector<std::string> metadata_keys;      // any case
  uint32_t metadata_cardinality_limit = 1000;  // combinations of their values; 0: no limit
  // Weir's: answer as soon as the data is taken, as upstream, and drop what fails later.
  bool early_return = false;

  void Fields(config::Fields& f);
  void Validate(const config::Checker& check) const;
};

}  // namespace weir::processors::batch
