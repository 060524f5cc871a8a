#include "app/telemetry/views.h"

#include <string_view>
#include <utility>

namespace weir::app {
namespace {

// `*` stands for any run of characters, `?` for one.
bool Matches(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0;
  size_t star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

// The key of a view that this program does not know how to follow; empty when there is none.
std::string UnsupportedKey(const MetricView& view) {
  if (!view.selector || !view.selector->instrument_name)
    return "selector (without an instrument_name)";
  const ViewSelector& selector = *view.selector;
  if (selector.instrument_type) return "selector::instrument_type";
  if (selector.unit) return "selector::unit";
  if (selector.meter_name) return "selector::meter_name";
  if (selector.meter_version) return "selector::meter_version";
  if (selector.meter_schema_url) return "selector::meter_schema_url";
  if (!view.stream) return {};
  const ViewStream& stream = *view.stream;
  if (stream.attribute_keys) return "stream::attribute_keys";
  if (stream.aggregation_cardinality_limit) return "stream::aggregation_cardinality_limit";
  if (!stream.aggregation) return {};
  const ViewAggregation& aggregation = *stream.aggregation;
  if (!aggregation.last_value.is_null()) return "stream::aggregation::last_value";
  if (!aggregation.sum.is_null()) return "stream::aggregation::sum";
  if (!aggregation.explicit_bucket_histogram.is_null())
    return "stream::aggregation::explicit_bucket_histogram";
  if (!aggregation.base2_exponential_bucket_histogram.is_null())
    return "stream::aggregation::base2_exponential_bucket_histogram";
  return {};
}

}  // namespace

Result<MetricViews> MetricViews::Make(const std::vector<MetricView>& views) {
  MetricViews made;
  for (size_t i = 0; i < views.size(); ++i) {
    if (const std::string key = UnsupportedKey(views[i]); !key.empty()) {
      return Fail(Status(StatusCode::kInvalidArgument,
                         "service::telemetry::metrics::views::" + std::to_string(i) + "::" + key +
                             " is not supported; a view may drop, rename or describe metrics by "
                             "instrument_name"));
    }
    View view;
    view.pattern = *views[i].selector->instrument_name;
    if (views[i].stream) {
      const ViewStream& stream = *views[i].stream;
      view.drop = stream.aggregation && !stream.aggregation->drop.is_null();
      view.name = stream.name.value_or("");
      view.description = stream.description.value_or("");
    }
    made.views_.push_back(std::move(view));
  }
  return made;
}

const MetricViews::View* MetricViews::Find(const std::string& metric) const {
  for (const View& view : views_) {
    if (Matches(view.pattern, metric)) return &view;
  }
  return nullptr;
}

void MetricViews::Apply(std::vector<MetricStore::Family>& families) const {
  std::erase_if(families, [&](const MetricStore::Family& family) {
    const View* view = Find(family.definition.name);
    return view != nullptr && view->drop;
  });
  for (MetricStore::Family& family : families) {
    const View* view = Find(family.definition.name);
    if (view == nullptr) continue;
    if (!view->name.empty()) family.definition.name = view->name;
    if (!view->description.empty()) family.definition.description = view->description;
  }
}

}  // namespace weir::app
