#include "pipeline/attributes/actions.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "pipeline/attributes/apply.h"
#include "pipeline/attributes/values.h"

namespace weir::pipeline::attributes {
namespace {

using Action = AttributeActions::Action;

Status Refused(std::string text) { return Status(StatusCode::kInvalidArgument, std::move(text)); }
// With the frame that names the action around it.
Status Refused(const ActionConfig& config, size_t index, const std::string& text) {
  return Refused("error with key \"" + config.key + "\" (" + std::to_string(index) +
                 "-th action): error creating AttrProc" + text);
}

std::optional<ActionKind> KindOf(std::string_view lower) {
  constexpr std::array<std::string_view, 7> kNames = {"insert", "update",  "upsert", "delete",
                                                      "hash",   "extract", "convert"};
  const auto* const it = std::find(kNames.begin(), kNames.end(), lower);
  if (it == kNames.end()) return std::nullopt;
  return static_cast<ActionKind>(it - kNames.begin());
}

int SourceCount(const ActionConfig& config) {
  return (config.value.is_null() ? 0 : 1) + (config.from_attribute.empty() ? 0 : 1) +
         (config.from_context.empty() ? 0 : 1);
}

// What CompileX report: the text behind "error creating AttrProc", empty when all is well.
std::string CompilePattern(const ActionConfig& config, Action& action) {
  auto compiled = Regexp::Compile(config.pattern);
  if (!compiled) return ". Field \"pattern\" has invalid pattern: \"" + config.pattern + "\"";
  action.pattern = std::move(*compiled);
  return {};
}

std::string UnusedField(const std::string& name, std::string_view field) {
  return ". Action \"" + name + "\" does not use the \"" + std::string(field) +
         "\" field. This must not be specified";
}

std::string CompileWrite(const ActionConfig& config, const std::string& name, Action& action,
                         std::vector<std::string>& context_keys) {
  const int sources = SourceCount(config);
  if (sources == 0 && config.default_value.is_null()) {
    return ". Either field \"value\", \"from_attribute\", \"from_context\", or "
           "\"default_value\" must be specified";
  }
  if (sources > 1) return " due to multiple value sources being set";
  if (!config.pattern.empty()) return UnusedField(name, "pattern");
  if (!config.converted_type.empty()) return UnusedField(name, "converted_type");
  if (!config.value.is_null()) action.value = SerializeValue(config.value);
  if (!config.default_value.is_null()) action.default_value = SerializeValue(config.default_value);
  action.from_attribute = config.from_attribute;
  if (!config.from_context.empty()) {
    action.context_index = context_keys.size();
    context_keys.push_back(config.from_context);
  }
  return {};
}

std::string CompileDeleteOrHash(const ActionConfig& config, const std::string& name,
                                Action& action) {
  if (!config.value.is_null() || !config.from_attribute.empty()) {
    return ". Action \"" + name +
           "\" does not use \"value\" or \"from_attribute\" field. These must not be specified";
  }
  if (!config.pattern.empty()) {
    if (std::string error = CompilePattern(config, action); !error.empty()) return error;
  }
  if (!config.converted_type.empty()) return UnusedField(name, "converted_type");
  return {};
}

std::string CompileExtract(const ActionConfig& config, const std::string& name, Action& action) {
  if (SourceCount(config) > 0) {
    return ". Action \"" + name +
           "\" does not use a value source field. These must not be specified";
  }
  if (config.pattern.empty()) {
    return " due to missing required field \"pattern\" for action \"" + name + "\"";
  }
  if (!config.converted_type.empty()) return UnusedField(name, "converted_type");
  if (std::string error = CompilePattern(config, action); !error.empty()) return error;
  const re2::RE2& re = action.pattern->re2();
  const int groups = re.NumberOfCapturingGroups();
  if (groups == 0) return ". Field \"pattern\" contains no named matcher groups";
  const auto& names = re.CapturingGroupNames();
  for (int group = 1; group <= groups; ++group) {
    const auto it = names.find(group);
    if (it == names.end()) {
      return ". Field \"pattern\" contains at least one unnamed matcher group";
    }
    action.group_names.push_back(it->second);
  }
  return {};
}

std::string CompileConvert(const ActionConfig& config, const std::string& name, Action& action) {
  if (SourceCount(config) > 0 || !config.pattern.empty()) {
    return ". Action \"" + name +
           "\" does not use value sources or \"pattern\" field. These must not be specified";
  }
  if (config.converted_type.empty()) {
    return " due to missing required field \"converted_type\" for action \"" + name + "\"";
  }
  if (config.converted_type == "string") {
    action.converted_type = ConvertedType::kString;
  } else if (config.converted_type == "int") {
    action.converted_type = ConvertedType::kInt;
  } else if (config.converted_type == "double") {
    action.converted_type = ConvertedType::kDouble;
  } else {
    return " due to invalid value \"" + config.converted_type +
           "\" in field \"converted_type\" for action \"" + name + "\"";
  }
  return {};
}

std::string CompileKind(const ActionConfig& config, const std::string& name, Action& action,
                        std::vector<std::string>& context_keys) {
  switch (action.kind) {
    case ActionKind::kInsert:
    case ActionKind::kUpdate:
    case ActionKind::kUpsert:
      return CompileWrite(config, name, action, context_keys);
    case ActionKind::kDelete:
    case ActionKind::kHash:
      return CompileDeleteOrHash(config, name, action);
    case ActionKind::kExtract:
      return CompileExtract(config, name, action);
    case ActionKind::kConvert:
      return CompileConvert(config, name, action);
  }
  return {};
}

// The text for a missing key; empty when there is one, or none is needed.
std::string MissingKey(const ActionConfig& config, std::optional<ActionKind> kind) {
  if (!config.key.empty()) return {};
  if (kind == ActionKind::kDelete || kind == ActionKind::kHash) {
    if (!config.pattern.empty()) return {};
    return "(at least one of \"key\" and \"pattern\" have to be used)";
  }
  return "\"key\"";
}

// An address without its port: "[::1]:80" and "::1" are "::1".
std::string_view WithoutPort(std::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return address;
  if (address.front() == '[') {
    address = address.substr(1, address.find(']') - 1);
  } else if (address.find(':') == colon) {
    address = address.substr(0, colon);
  }
  return address.substr(0, address.find('%'));
}

std::string Join(const std::vector<std::string>& values) {
  std::string out;
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ';';
    out += values[i];
  }
  return out;
}

// What `key` of from_context says about the sender; nothing when it says nothing.
std::optional<std::string> FromContext(std::string_view key, const ClientInfo* client) {
  if (key == "client.address") {
    return std::string(client ? WithoutPort(client->address) : std::string_view());
  }
  if (client == nullptr) return std::nullopt;
  constexpr std::string_view kAuth = "auth.";
  if (key.substr(0, kAuth.size()) == kAuth) {
    const std::string* const value = client->FindAuth(key.substr(kAuth.size()));
    return value ? std::optional(*value) : std::nullopt;
  }
  constexpr std::string_view kMetadata = "metadata.";
  if (key.substr(0, kMetadata.size()) == kMetadata) key.remove_prefix(kMetadata.size());
  std::string lower(key);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::vector<std::string>* const values = client->FindMetadata(lower);
  if (values == nullptr || values->empty()) return std::nullopt;
  return Join(*values);
}

}  // namespace

void ActionConfig::Fields(config::Fields& f) {
  f("key", key);
  f("value", value);
  f("default_value", default_value);
  f("pattern", pattern);
  f("from_attribute", from_attribute);
  f("from_context", from_context);
  f("converted_type", converted_type);
  f("action", action);
}

AttributeActions::AttributeActions() = default;
AttributeActions::AttributeActions(AttributeActions&&) noexcept = default;
AttributeActions& AttributeActions::operator=(AttributeActions&&) noexcept = default;
AttributeActions::~AttributeActions() = default;

Result<AttributeActions> AttributeActions::Compile(const std::vector<ActionConfig>& actions) {
  AttributeActions out;
  for (size_t i = 0; i < actions.size(); ++i) {
    const ActionConfig& config = actions[i];
    std::string name = config.action;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const std::optional<ActionKind> kind = KindOf(name);
    if (const std::string missing = MissingKey(config, kind); !missing.empty()) {
      return Fail(Refused("error creating AttrProc due to missing required field " + missing +
                          " at the " + std::to_string(i) + "-th action"));
    }
    if (!kind) return Fail(Refused(config, i, " due to unsupported action \"" + name + "\""));
    Action action;
    action.kind = *kind;
    action.key = config.key;
    const std::string error = CompileKind(config, name, action, out.context_keys_);
    if (!error.empty()) return Fail(Refused(config, i, error));
    out.actions_.push_back(std::move(action));
  }
  return out;
}

AttributeActions::Bound AttributeActions::Bind(const ClientInfo* client) const {
  Bound bound;
  bound.actions_ = &actions_;
  for (const std::string& key : context_keys_) {
    const std::optional<std::string> text = FromContext(key, client);
    bound.context_values_.push_back(
        {text.has_value(), text ? model::StringValue(*text) : std::string()});
  }
  return bound;
}

void AttributeActions::Bound::Apply(model::AttributeEditor& attributes) const {
  // The source's value, or nothing.
  const auto source = [&](const Action& action) -> std::optional<std::string_view> {
    if (action.value) return *action.value;
    if (action.context_index != Action::kNoContext) {
      const ContextValue& value = context_values_[action.context_index];
      if (value.found) return value.value;
    } else if (const auto value = attributes.Get(action.from_attribute)) {
      return value->message;
    }
    if (action.default_value) return *action.default_value;
    return std::nullopt;
  };
  for (const Action& action : *actions_) {
    switch (action.kind) {
      case ActionKind::kInsert:
        if (attributes.Has(action.key)) break;
        if (const auto value = source(action)) attributes.Append(action.key, *value);
        break;
      case ActionKind::kUpdate:
        if (const auto value = source(action)) attributes.Update(action.key, *value);
        break;
      case ActionKind::kUpsert:
        if (const auto value = source(action)) attributes.Upsert(action.key, *value);
        break;
      case ActionKind::kDelete:
        ApplyDelete(action, attributes);
        break;
      case ActionKind::kHash:
        ApplyHash(action, attributes);
        break;
      case ActionKind::kExtract:
        ApplyExtract(action, attributes);
        break;
      case ActionKind::kConvert:
        ApplyConvert(action, attributes);
        break;
    }
  }
}

}  // namespace weir::pipeline::attributes
