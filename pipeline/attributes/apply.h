// The actions of actions.h in compiled form; private to this room.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/attributes/actions.h"
#include "pipeline/attributes/regexp.h"

namespace weir::pipeline::attributes {

enum class ActionKind : uint8_t {
  kInsert,
  kUpdate,
  kUpsert,
  kDelete,
  kHash,
  kExtract,
  kConvert,
};
enum class ConvertedType : uint8_t { kString, kInt, kDouble };

struct AttributeActions::Action {
  static constexpr size_t kNoContext = ~size_t{0};

  ActionKind kind = ActionKind::kInsert;
  std::string key;
  std::optional<std::string> value;  // a serialised AnyValue, as the default
  std::optional<std::string> default_value;
  std::string from_attribute;
  size_t context_index = kNoContext;
  std::optional<Regexp> pattern;
  std::vector<std::string> group_names;  // of the pattern of extract, from the first group on
  ConvertedType converted_type = ConvertedType::kString;
};

// The parts of Bound::Apply that compute something.
void ApplyHash(const AttributeActions::Action& action, model::AttributeEditor& attributes);
void ApplyDelete(const AttributeActions::Action& action, model::AttributeEditor& attributes);
void ApplyExtract(const AttributeActions::Action& action, model::AttributeEditor& attributes);
void ApplyConvert(const AttributeActions::Action& action, model::AttributeEditor& attributes);

}  // namespace weir::pipeline::attributes
