// `type[/name]`, the name of a component in a configuration, and `signal[/name]`, that of a
// pipeline.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/config/problems.h"
#include "base/status.h"
#include "model/signal.h"

namespace weir::pipeline {

enum class ComponentKind : uint8_t { kReceiver, kProcessor, kExporter, kConnector, kExtension };

// "receiver", ...
std::string_view KindName(ComponentKind kind);
// "receivers", ...: the section of the configuration.
std::string_view SectionName(ComponentKind kind);

struct ComponentId {
  std::string type;
  std::string name;  // empty when there is none

  // Trims both parts. The failure's message is the Collector's: `in "otlp/" id: the part after /
  // should not be empty`, ...
  static Result<ComponentId> Parse(std::string_view text);
  std::string ToString() const { return name.empty() ? type : type + "/" + name; }
  auto operator<=>(const ComponentId&) const = default;  // NOLINT(modernize-use-nullptr)
};

// For Decoded() of a struct that keeps the id of an extension as text because net/ reads it: a
// decode error `'authenticator' in "a b" id: invalid character(s) in type "a b"`; silent when `id`
// is empty or reads as an id.
void CheckReference(std::string_view key, std::string_view id, const config::Checker& check);

struct PipelineId {
  model::Signal signal = model::Signal::kTraces;
  std::string name;

  static Result<PipelineId> Parse(std::string_view text);
  std::string ToString() const;
  auto operator<=>(const PipelineId&) const = default;  // NOLINT(modernize-use-nullptr)
};

}  // namespace weir::pipeline
