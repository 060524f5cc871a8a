#include "pipeline/attributes/matcher.h"

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/json/value_text.h"
#include "model/metric_view.h"
#include "model/view.h"
#include "pipeline/attributes/attribute_matcher.h"
#include "pipeline/attributes/string_set.h"

namespace weir::pipeline::attributes {
namespace {

using model::Signal;

std::string_view SpanKindName(int32_t kind) {
  constexpr std::array<std::string_view, 6> kNames = {
      "SPAN_KIND_UNSPECIFIED", "SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER",
      "SPAN_KIND_CLIENT",      "SPAN_KIND_PRODUCER", "SPAN_KIND_CONSUMER"};
  if (kind < 0 || kind >= static_cast<int32_t>(kNames.size())) return {};
  return kNames[static_cast<size_t>(kind)];
}

std::string ServiceName(const model::Attributes& resource) {
  const auto name = model::Find(resource, "service.name");
  return name ? model::json::ValueText(*name) : "<nil-service-name>";
}

Status Framed(std::string_view what, const Status& error) {
  return error.WithPrefix("error creating " + std::string(what) + " filters: ");
}

// The set of `names`, nothing when none is written.
Status MakeSet(const std::vector<std::string>& names, const MatchProperties& config,
               std::string_view what, std::optional<StringSet>& out) {
  if (names.empty()) return {};
  auto set = StringSet::Make(names, config.match_type);
  if (!set) return what.empty() ? set.error() : Framed(what, set.error());
  out = std::move(*set);
  return {};
}

Status MakeAttributes(const std::vector<AttributeMatch>& conditions, const MatchProperties& config,
                      std::string_view what, AttributeMatcher& out) {
  auto matcher = AttributeMatcher::Make(conditions, config.match_type);
  if (!matcher) return Framed(what, matcher.error());
  out = std::move(*matcher);
  return {};
}

}  // namespace

// One of include and exclude.
class Matcher::Properties {
 public:
  static Result<std::unique_ptr<Properties>> Make(const MatchProperties& config, Signal signal);

  bool MatchesResource(std::string_view message) const {
    if (!services_ && resources_.empty()) return true;
    const model::ResourceView resource(message);
    if (services_ && !services_->Contains(ServiceName(resource.attributes))) return false;
    return resources_.Matches(resource.attributes);
  }
  bool MatchesScope(std::string_view message) const;
  bool MatchesItem(Signal signal, std::string_view item) const;
  bool looks_at_scopes() const { return !libraries_.empty(); }
  bool looks_at_items() const {
    return span_names_ || span_kinds_ || bodies_ || severity_texts_ || severity_number_ ||
           metric_names_ || !attributes_.empty();
  }

 private:
  struct Library {
    std::optional<StringSet> name;
    std::optional<StringSet> version;
  };
  Status Compile(const MatchProperties& config);
  Status CompileLibraries(const MatchProperties& config);
  bool MatchesSpan(std::string_view message) const;
  bool MatchesLog(std::string_view message) const;

  std::optional<StringSet> services_, span_names_, span_kinds_, bodies_, severity_texts_,
      metric_names_;
  std::optional<SeverityNumberMatch> severity_number_;
  AttributeMatcher attributes_, resources_;
  std::vector<Library> libraries_;
};

Result<std::unique_ptr<Matcher::Properties>> Matcher::Properties::Make(
    const MatchProperties& config, Signal signal) {
  if (Status fit = config.CheckFor(signal); !fit.ok()) return Fail(fit);
  // As in the Collector, a metric is chosen by its name alone: without names the section does
  // nothing.
  if (signal == Signal::kMetrics && config.metric_names.empty()) return nullptr;
  auto properties = std::make_unique<Properties>();
  if (signal == Signal::kMetrics) {
    Status made = MakeSet(config.metric_names, config, {}, properties->metric_names_);
    if (!made.ok()) return Fail(made);
  } else if (Status made = properties->Compile(config); !made.ok()) {
    return Fail(made);
  }
  return properties;
}

Status Matcher::Properties::CompileLibraries(const MatchProperties& config) {
  for (const LibraryMatch& library : config.libraries) {
    Library out;
    WEIR_RETURN_IF_ERROR(MakeSet({library.name}, config, "library name", out.name));
    if (library.version) {
      WEIR_RETURN_IF_ERROR(MakeSet({*library.version}, config, "library version", out.version));
    }
    libraries_.push_back(std::move(out));
  }
  return {};
}

Status Matcher::Properties::Compile(const MatchProperties& config) {
  WEIR_RETURN_IF_ERROR(CompileLibraries(config));
  WEIR_RETURN_IF_ERROR(MakeAttributes(config.attributes, config, "attribute", attributes_));
  WEIR_RETURN_IF_ERROR(MakeAttributes(config.resources, config, "resource", resources_));
  WEIR_RETURN_IF_ERROR(MakeSet(config.services, config, "service name", services_));
  WEIR_RETURN_IF_ERROR(MakeSet(config.span_names, config, "span name", span_names_));
  WEIR_RETURN_IF_ERROR(MakeSet(config.span_kinds, config, "span kind", span_kinds_));
  WEIR_RETURN_IF_ERROR(MakeSet(config.log_bodies, config, "log record body", bodies_));
  severity_number_ = config.log_severity_number;
  return MakeSet(config.log_severity_texts, config, "log record severity text", severity_texts_);
}

bool Matcher::Properties::MatchesScope(std::string_view message) const {
  if (libraries_.empty()) return true;
  const model::ScopeView scope(message);
  for (const Library& library : libraries_) {
    if (!library.name->Contains(scope.name)) return false;
    if (library.version && !library.version->Contains(scope.version)) return false;
  }
  return true;
}

bool Matcher::Properties::MatchesSpan(std::string_view message) const {
  const model::SpanView span(message);
  if (span_names_ && !span_names_->Contains(span.name)) return false;
  if (span_kinds_ && !span_kinds_->Contains(SpanKindName(span.kind))) return false;
  return attributes_.Matches(span.attributes);
}

bool Matcher::Properties::MatchesLog(std::string_view message) const {
  const model::LogRecordView log(message);
  if (bodies_ && !bodies_->Contains(model::json::ValueText(log.body()))) return false;
  if (severity_texts_ && !severity_texts_->Contains(log.severity_text)) return false;
  if (severity_number_) {
    const bool matches = log.severity_number == 0 ? severity_number_->match_undefined
                                                  : log.severity_number >= severity_number_->min;
    if (!matches) return false;
  }
  return attributes_.Matches(log.attributes);
}

bool Matcher::Properties::MatchesItem(Signal signal, std::string_view item) const {
  if (!looks_at_items()) return true;
  switch (signal) {
    case Signal::kTraces:
      return MatchesSpan(item);
    case Signal::kLogs:
      return MatchesLog(item);
    case Signal::kMetrics:
      return metric_names_->Contains(model::MetricView(item).name);
  }
  return false;
}

Matcher::Matcher() = default;
Matcher::Matcher(Matcher&&) noexcept = default;
Matcher& Matcher::operator=(Matcher&&) noexcept = default;
Matcher::~Matcher() = default;

Result<Matcher> Matcher::Compile(const MatchConfig& config, Signal signal) {
  Matcher matcher;
  matcher.signal_ = signal;
  if (config.include) {
    auto include = Properties::Make(*config.include, signal);
    if (!include) return Fail(include.error());
    matcher.include_ = std::move(*include);
  }
  if (config.exclude) {
    auto exclude = Properties::Make(*config.exclude, signal);
    if (!exclude) return Fail(exclude.error());
    matcher.exclude_ = std::move(*exclude);
  }
  return matcher;
}

Selection Matcher::Cursor::EnterResource(std::string_view resource) {
  const Matcher& m = matcher_;
  include_ = {!m.include_ || m.include_->MatchesResource(resource), true};
  exclude_ = {m.exclude_ && m.exclude_->MatchesResource(resource), true};
  return Known(false);
}

Selection Matcher::Cursor::EnterScope(std::string_view scope) {
  const Matcher& m = matcher_;
  include_.scope = include_.resource && (!m.include_ || m.include_->MatchesScope(scope));
  exclude_.scope = exclude_.resource && m.exclude_->MatchesScope(scope);
  return Known(true);
}

Selection Matcher::Cursor::Known(bool scope_known) const {
  // Whether a side has more to look at further inside.
  const auto open = [&](const std::unique_ptr<Properties>& side) {
    return side && (side->looks_at_items() || (!scope_known && side->looks_at_scopes()));
  };
  const bool include = include_.resource && include_.scope;
  const bool exclude = exclude_.resource && exclude_.scope;
  if (!include || (exclude && !open(matcher_.exclude_))) return Selection::kNone;
  if (open(matcher_.include_) || exclude) return Selection::kSome;
  return Selection::kAll;
}

bool Matcher::Cursor::Selects(std::string_view item) const {
  const Matcher& m = matcher_;
  if (!include_.resource || !include_.scope) return false;
  if (m.include_ && !m.include_->MatchesItem(m.signal_, item)) return false;
  return !(exclude_.resource && exclude_.scope && m.exclude_->MatchesItem(m.signal_, item));
}

}  // namespace weir::pipeline::attributes
