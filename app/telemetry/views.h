// service.telemetry.metrics.views: which own metrics are dropped or called otherwise.
//
// Supported: a selector of instrument_name (with `*` and `?`) and a stream with a name, a
// description, or aggregation drop. What else a view may ask for is refused at start, with its key.
#pragma once

#include <string>
#include <vector>

#include "app/config/telemetry_config.h"
#include "base/metric_store.h"
#include "base/status.h"

namespace weir::app {

class MetricViews {
 public:
  MetricViews() = default;  // changes nothing

  // kInvalidArgument names the first key that is not supported:
  // `service::telemetry::metrics::views::0::stream::attribute_keys is not supported; ...`.
  static Result<MetricViews> Make(const std::vector<MetricView>& views);

  // Applies the first view that fits to each family; a dropped one is removed.
  void Apply(std::vector<MetricStore::Family>& families) const;

 private:
  struct View {
    std::string pattern;
    bool drop = false;
    std::string name;         // empty: as it is
    std::string description;  // empty: as it is
  };
  const View* Find(const std::string& metric) const;

  std::vector<View> views_;
};

}  // namespace weir::app
