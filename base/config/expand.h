// `${...}` in the values of a configuration, and the providers that answer it. Used by resolve.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/config/problems.h"
#include "base/config/resolve.h"
#include "base/config/value.h"
#include "base/config/yaml.h"
#include "base/status.h"

namespace weir::config {

// What a provider gave.
struct Retrieved {
  Value value;       // a string is the text itself, whatever YAML would make of its quotes
  std::string text;  // all of it, as it came
  bool non_string_root_key = false;
  std::optional<YamlError> yaml_error;  // the text is no YAML and was taken as a string
};

bool IsKnownScheme(std::string_view scheme);

class Retriever {
 public:
  // Both outlive it. An unset variable without a default adds a warning.
  Retriever(const ResolveEnvironment& environment, Problems& problems)
      : environment_(environment), problems_(problems) {}

  // `uri` has a scheme; `position` is that of the reference. The failure's message is the
  // Collector's.
  Result<Retrieved> Retrieve(const std::string& uri, const Position& position);

 private:
  Result<Retrieved> FromEnvironment(const std::string& reference, const Position& position);

  const ResolveEnvironment& environment_;
  Problems& problems_;
};

// Replaces every reference in `value`, then every `$$` by `$`. False when a reference could not be
// followed; the reason is in `problems`.
bool ExpandAll(Retriever& retriever, Value& value, Problems& problems);

}  // namespace weir::config
