#include "pipeline/component_id.h"

#include <array>
#include <cctype>

#include "base/quote.h"

namespace weir::pipeline {
namespace {

constexpr std::array<std::string_view, 5> kKinds = {"receiver", "processor", "exporter",
                                                    "connector", "extension"};
constexpr std::array<std::string_view, 5> kSections = {"receivers", "processors", "exporters",
                                                       "connectors", "extensions"};
constexpr size_t kTypeLengthMax = 63;
constexpr size_t kNameLengthMax = 1024;

std::string_view Trim(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())))
    text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())))
    text.remove_suffix(1);
  return text;
}

Status IdError(std::string_view id, std::string_view what) {
  return Status(StatusCode::kInvalidArgument, "in " + Quoted(id) + " id: " + std::string(what));
}

// Upstream names only the part that is wrong.
Status NameError(std::string_view name) {
  if (name.size() > kNameLengthMax) {
    return IdError(name, "name " + Quoted(name) + " is longer than 1024 characters (" +
                             std::to_string(name.size()) + " characters)");
  }
  return IdError(name, "invalid character(s) in name " + Quoted(name));
}

bool IsTypeName(std::string_view type) {
  if (type.empty() || type.size() > kTypeLengthMax ||
      !std::isalpha(static_cast<unsigned char>(type[0])))
    return false;
  for (const char c : type) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_') return false;
  }
  return true;
}

// ^[^\pZ\pC\pS]+$: no separators, control characters or symbols. ASCII is decided here; of other
// scripts everything passes but the separators and format characters of general punctuation and C1
// controls.
bool IsComponentName(std::string_view name) {
  if (name.size() > kNameLengthMax) return false;
  for (size_t i = 0; i < name.size(); ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    if (c <= 0x20 || c == 0x7f) return false;
    if (std::string_view("$+<=>^`|~").find(static_cast<char>(c)) != std::string_view::npos)
      return false;
    if (c == 0xc2 && i + 1 < name.size() && static_cast<unsigned char>(name[i + 1]) <= 0xa0)
      return false;
    if (c == 0xe2 && i + 2 < name.size()) {
      const auto c1 = static_cast<unsigned char>(name[i + 1]);
      const auto c2 = static_cast<unsigned char>(name[i + 2]);
      if (c1 == 0x80 && (c2 <= 0x8f || (c2 >= 0xa8 && c2 <= 0xaf))) return false;
      if (c1 >= 0x86 && c1 <= 0xaf) return false;  // arrows, mathematical and other symbols
    }
    if (c == 0xf0 && i + 1 < name.size() && static_cast<unsigned char>(name[i + 1]) == 0x9f)
      return false;  // emoji
  }
  return true;
}

}  // namespace

std::string_view KindName(ComponentKind kind) { return kKinds[static_cast<size_t>(kind)]; }
std::string_view SectionName(ComponentKind kind) { return kSections[static_cast<size_t>(kind)]; }

Result<ComponentId> ComponentId::Parse(std::string_view text) {
  const size_t slash = text.find('/');
  const std::string_view type = Trim(text.substr(0, slash));
  if (slash == std::string_view::npos) {
    if (type.empty()) return Fail(Status(StatusCode::kInvalidArgument, "id must not be empty"));
  } else if (type.empty()) {
    return Fail(IdError(text, "the part before / should not be empty"));
  }
  std::string_view name;
  if (slash != std::string_view::npos) {
    name = Trim(text.substr(slash + 1));
    if (name.empty()) return Fail(IdError(text, "the part after / should not be empty"));
    if (!IsComponentName(name)) return Fail(NameError(name));
  }
  if (!IsTypeName(type)) {
    return Fail(IdError(text, "invalid character(s) in type \"" + std::string(type) + "\""));
  }
  return ComponentId{std::string(type), std::string(name)};
}

void CheckReference(std::string_view key, std::string_view id, const config::Checker& check) {
  if (id.empty()) return;
  const Result<ComponentId> parsed = ComponentId::Parse(id);
  if (!parsed) check.Error("'" + std::string(key) + "' " + parsed.error().message());
}

Result<PipelineId> PipelineId::Parse(std::string_view text) {
  const size_t slash = text.find('/');
  const std::string_view signal = Trim(text.substr(0, slash));
  if (signal.empty()) {
    return Fail(slash == std::string_view::npos
                    ? Status(StatusCode::kInvalidArgument, "id must not be empty")
                    : IdError(text, "the part before / should not be empty"));
  }
  std::string_view name;
  if (slash != std::string_view::npos) {
    name = Trim(text.substr(slash + 1));
    if (name.empty()) return Fail(IdError(text, "the part after / should not be empty"));
    if (!IsComponentName(name)) return Fail(NameError(name));
  }
  for (const model::Signal known : model::kSignals) {
    if (model::SignalName(known) == signal) return PipelineId{known, std::string(name)};
  }
  return Fail(IdError(text, "unknown pipeline signal: \"" + std::string(signal) + "\""));
}

std::string PipelineId::ToString() const {
  std::string text(model::SignalName(signal));
  if (!name.empty()) text += "/" + name;
  return text;
}

}  // namespace weir::pipeline
