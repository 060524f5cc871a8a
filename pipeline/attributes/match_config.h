// `include` and `exclude` of the processors attributes and span: which items an edit applies to, as
// written (the Collector's filterconfig).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/config/fields.h"
#include "base/status.h"
#include "model/signal.h"

namespace weir::pipeline::attributes {

// Upstream's cache of regular expressions' results. Read and not used: matching is cheaper here
// than a cache.
struct RegexpCacheConfig {
  bool cache_enabled = false;
  int cache_max_entries = 0;
  void Fields(config::Fields& f);
};

struct SeverityNumberMatch {
  int min = 0;
  bool match_undefined = false;  // for records without a severity
  void Fields(config::Fields& f);
};

struct AttributeMatch {
  std::string key;
  config::Value value;  // null: any
  void Fields(config::Fields& f);
};

struct LibraryMatch {
  std::string name;
  std::optional<std::string> version;  // not written: any
  void Fields(config::Fields& f);
};

// An item matches when each list that is written matches: lists of names by one member, lists of
// attributes, resources and libraries by all of theirs.
struct MatchProperties {
  std::string match_type;  // strict or regexp
  std::optional<RegexpCacheConfig> regexp;
  std::vector<std::string> services;
  std::vector<std::string> span_names;
  std::vector<std::string> span_kinds;
  std::vector<std::string> log_bodies;
  std::vector<std::string> log_severity_texts;
  std::optional<SeverityNumberMatch> log_severity_number;
  std::vector<std::string> metric_names;
  std::vector<AttributeMatch> attributes;
  std::vector<AttributeMatch> resources;
  std::vector<LibraryMatch> libraries;

  void Fields(config::Fields& f);
  // Whether the lists suit `signal`; in the Collector's words if not. It asks when the pipeline is
  // built.
  Status CheckFor(model::Signal signal) const;
};

// An item is edited when `include` matches it, or is not written, and `exclude` does not.
struct MatchConfig {
  std::optional<MatchProperties> include;
  std::optional<MatchProperties> exclude;
  void Fields(config::Fields& f);
};

}  // namespace weir::pipeline::attributes
