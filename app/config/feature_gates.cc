#include "app/config/feature_gates.h"

#include <algorithm>

#include "base/check.h"

namespace weir::app {
namespace {

const FeatureGate* Find(std::string_view id) {
  for (const FeatureGate& gate : FeatureGates::All()) {
    if (gate.id == id) return &gate;
  }
  return nullptr;
}

Status Unknown(std::string_view id) {
  std::string valid;
  for (const FeatureGate& gate : FeatureGates::All())
    valid += (valid.empty() ? "" : " ") + std::string(gate.id);
  return Status(StatusCode::kNotFound,
                "no such feature gate \"" + std::string(id) + "\". valid gates: [" + valid + "]");
}

}  // namespace

const std::vector<FeatureGate>& FeatureGates::All() {
  static const std::vector<FeatureGate> kAll = {
      {"confmap.enableMergeAppendOption", "Alpha", "v0.120.0",
       "Joins lists of components instead of replacing them when several sources are merged."},
      {"pdata.useProtoPooling", "Alpha", "v0.133.0", "Accepted; has no effect here."},
      {"receiverhelper.newReceiverMetrics", "Alpha", "v0.138.0",
       "Tells refused data from failed data in the metrics of receivers."},
      {"service.AllowNoPipelines", "Alpha", "v0.122.0", "Allows to start without any pipeline."},
      {"service.profilesSupport", "Alpha", "v0.112.0", "Lets pipelines of profiles be configured."},
      {"telemetry.newPipelineTelemetry", "Alpha", "v0.123.0",
       "Adds the metrics of what each component consumed and produced."},
  };
  return kAll;
}

Status FeatureGates::Apply(std::string_view list) {
  std::map<std::string, bool, std::less<>> changes;
  while (!list.empty()) {
    const size_t comma = list.find(',');
    std::string_view id = list.substr(0, comma);
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    if (id.empty()) continue;
    const bool on = id.front() != '-';
    if (id.front() == '-' || id.front() == '+') id.remove_prefix(1);
    if (Find(id) == nullptr) return Unknown(id);
    changes[std::string(id)] = on;
  }
  for (const auto& [id, on] : changes) switched_[id] = on;
  return Status();
}

bool FeatureGates::enabled(std::string_view id) const {
  CHECK(Find(id) != nullptr) << "asked for the unknown feature gate " << id;
  const auto found = switched_.find(id);
  return found != switched_.end() && found->second;
}

}  // namespace weir::app
