#include "pipeline/attributes/match_config.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace weir::pipeline::attributes {
namespace {

Status Refused(std::string text) { return Status(StatusCode::kInvalidArgument, std::move(text)); }

// Sorted, as the error lists them.
constexpr std::array<std::string_view, 5> kSpanKinds = {"SPAN_KIND_CLIENT", "SPAN_KIND_CONSUMER",
                                                        "SPAN_KIND_INTERNAL", "SPAN_KIND_PRODUCER",
                                                        "SPAN_KIND_SERVER"};

Status CheckSpanKinds(const std::vector<std::string>& kinds) {
  for (const std::string& kind : kinds) {
    if (std::find(kSpanKinds.begin(), kSpanKinds.end(), kind) != kSpanKinds.end()) continue;
    // The blanks are the Collector's.
    std::string text =
        "span_kinds string must match one of the standard span kinds when match_type=strict: [    ";
    for (const std::string_view known : kSpanKinds) (text += ' ') += known;
    return Refused(text + "]");
  }
  return {};
}

Status CheckForSpans(const MatchProperties& p) {
  const std::array<std::pair<bool, std::string_view>, 4> unfit = {{
      {!p.log_bodies.empty(), "log_bodies"},
      {!p.log_severity_texts.empty(), "log_severity_texts"},
      {p.log_severity_number.has_value(), "log_severity_number"},
      {!p.metric_names.empty(), "metric_names"},
  }};
  for (const auto& [written, name] : unfit) {
    if (written) return Refused(std::string(name) + " should not be specified for trace spans");
  }
  if (p.services.empty() && p.span_names.empty() && p.attributes.empty() && p.libraries.empty() &&
      p.resources.empty() && p.span_kinds.empty()) {
    return Refused(
        "at least one of \"attributes\", \"libraries\",  or \"resources\" field must be specified");
  }
  return p.match_type == "strict" ? CheckSpanKinds(p.span_kinds) : Status();
}

Status CheckForLogs(const MatchProperties& p) {
  if (!p.span_names.empty() || !p.services.empty() || !p.span_kinds.empty() ||
      !p.metric_names.empty()) {
    return Refused(
        "services, span_names, span_kinds and metric_names are not valid for log records");
  }
  if (p.attributes.empty() && p.libraries.empty() && p.resources.empty() && p.log_bodies.empty() &&
      p.log_severity_texts.empty() && !p.log_severity_number) {
    return Refused(
        "at least one of \"attributes\", \"libraries\", \"span_kinds\", \"resources\", "
        "\"log_bodies\", \"log_severity_texts\" or \"log_severity_number\" field must be "
        "specified");
  }
  return {};
}

Status CheckForMetrics(const MatchProperties& p) {
  if (!p.log_bodies.empty() || !p.log_severity_texts.empty() || !p.span_names.empty() ||
      !p.services.empty() || !p.span_kinds.empty() || !p.attributes.empty() ||
      !p.libraries.empty() || p.log_severity_number) {
    return Refused(
        "\"span_names\", \"span_kinds\", \"log_bodies\", \"log_severity_texts\", "
        "\"log_severity_number\", \"services\", \"attributes\" and \"libraries\" are not valid for "
        "metrics");
  }
  if (p.metric_names.empty() && p.resources.empty()) {
    return Refused("at least one of \"metric_names\" or \"resources\" field must be specified");
  }
  return {};
}

}  // namespace

void RegexpCacheConfig::Fields(config::Fields& f) {
  f("cacheenabled", cache_enabled);
  f("cachemaxnumentries", cache_max_entries);
}

void SeverityNumberMatch::Fields(config::Fields& f) {
  f("min", min);
  f("match_undefined", match_undefined);
}

void AttributeMatch::Fields(config::Fields& f) {
  f("key", key);
  f("value", value);
}

void LibraryMatch::Fields(config::Fields& f) {
  f("name", name);
  f("version", version);
}

void MatchProperties::Fields(config::Fields& f) {
  f("match_type", match_type);
  f("regexp", regexp);
  f("services", services);
  f("span_names", span_names);
  f("span_kinds", span_kinds);
  f("log_bodies", log_bodies);
  f("log_severity_texts", log_severity_texts);
  f("log_severity_number", log_severity_number);
  f("metric_names", metric_names);
  f("attributes", attributes);
  f("resources", resources);
  f("libraries", libraries);
}

Status MatchProperties::CheckFor(model::Signal signal) const {
  switch (signal) {
    case model::Signal::kTraces:
      return CheckForSpans(*this);
    case model::Signal::kMetrics:
      return CheckForMetrics(*this);
    case model::Signal::kLogs:
      return CheckForLogs(*this);
  }
  return {};
}

void MatchConfig::Fields(config::Fields& f) {
  f("include", include);
  f("exclude", exclude);
}

}  // namespace weir::pipeline::attributes
