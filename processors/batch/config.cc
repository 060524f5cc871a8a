#include "processors/batch/config.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace weir::processors::batch {

void BatchConfig::Fields(config::Fields& f) {
  f("timeout", timeout);
  f("send_batch_size", send_batch_size);
  f("send_batch_max_size", send_batch_max_size);
  f("metadata_keys", metadata_keys);
  f("metadata_cardinality_limit", metadata_cardinality_limit);
  f("early_return", early_return, config::kOmitEmpty);
}

void BatchConfig::Validate(const config::Checker& check) const {
  if (send_batch_max_size > 0 && send_batch_max_size < send_batch_size) {
    return check.Error("send_batch_max_size must be greater or equal to send_batch_size");
  }
  std::set<std::string> seen;
  for (std::string key : metadata_keys) {
    std::transform(key.begin(), key.end(), key.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (!seen.insert(key).second) {
      return check.Error("duplicate entry in metadata_keys: \"" + key + "\" (case-insensitive)");
    }
  }
  if (timeout < config::Duration::zero()) {
    check.Error("timeout must be greater or equal to 0");
  }
}

}  // namespace weir::processors::batch
