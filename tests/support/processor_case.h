// The recorded cases of otelcol-processors (its README tells their form): a processor's
// configuration and requests go in, what the Collector sent on is compared with what ours sends.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/metric_store.h"
#include "model/signal.h"
#include "pipeline/registry.h"

namespace weir::tests {

struct ProcessorCase {
  struct Request {
    model::Signal signal = model::Signal::kTraces;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;  // OTLP/JSON
    int wait_ms = 0;
    int answer_status = 200;
  };
  std::string name;  // "attributes/action-delete"
  std::string type;  // "attributes"
  std::string config;
  std::optional<std::string> error;  // of a configuration that is refused
  std::vector<Request> input;
  std::vector<Request> output;
  int settle_ms = 0;
  size_t take_first = 0;  // 0: all
  bool any_order = false;
};

// The cases of `folder`, by name; nothing when the shared data are not here. WEIR_DATA names their
// place, else they lie beside the tree.
std::vector<ProcessorCase> LoadProcessorCases(const std::string& folder);

// Runs `c` through the registered processor of its type. Empty when all is as recorded, else what
// differs.
std::string RunProcessorCase(const ProcessorCase& c, const pipeline::Registry& registry,
                             MetricStore* metrics = nullptr);

// Runs all cases of `folder` in a test: each must agree, except those in `differences` (name
// without the folder → reason), which must differ. Skips with a reason when there are none.
void ExpectProcessorCases(const std::string& folder,
                          void (*register_component)(pipeline::Registry&),
                          const std::map<std::string, std::string>& differences = {});

}  // namespace weir::tests
