#include "pipeline/registry.h"

#include <algorithm>

#include "base/check.h"

namespace weir::pipeline {
namespace {

std::string WithoutUnderscores(std::string_view type) {
  std::string plain(type);
  std::erase(plain, '_');
  return plain;
}

template <typename Map>
void AddTo(Map& map, typename Map::mapped_type factory) {
  const std::string type = factory.type;
  const bool added = map.emplace(type, std::move(factory)).second;
  CHECK(added) << "two components of the type " << type;
}

template <typename Map>
const typename Map::mapped_type* FindIn(const Map& map, std::string_view type) {
  if (const auto exact = map.find(type); exact != map.end()) return &exact->second;
  for (const auto& [name, factory] : map) {
    if (std::find(factory.aliases.begin(), factory.aliases.end(), type) != factory.aliases.end())
      return &factory;
  }
  const std::string plain = WithoutUnderscores(type);
  for (const auto& [name, factory] : map) {
    if (WithoutUnderscores(name) == plain) return &factory;
  }
  return nullptr;
}

template <typename Map>
std::vector<std::string> TypesOf(const Map& map) {
  std::vector<std::string> types;
  types.reserve(map.size());
  for (const auto& [type, factory] : map) types.push_back(type);
  return types;
}

}  // namespace

Stability Stability::All(std::string_view level) {
  Stability stability;
  stability.by_signal.fill(std::string(level));
  return stability;
}

Stability Stability::Only(std::initializer_list<model::Signal> signals, std::string_view level) {
  Stability stability;
  for (const model::Signal signal : signals)
    stability.by_signal[model::SignalIndex(signal)] = level;
  return stability;
}

Stability Stability::OfExtension(std::string_view level) {
  Stability stability;
  stability.extension = level;
  return stability;
}

void Registry::Add(ReceiverFactory factory) { AddTo(receivers_, std::move(factory)); }
void Registry::Add(ProcessorFactory factory) { AddTo(processors_, std::move(factory)); }
void Registry::Add(ExporterFactory factory) { AddTo(exporters_, std::move(factory)); }
void Registry::Add(ConnectorFactory factory) { AddTo(connectors_, std::move(factory)); }
void Registry::Add(ExtensionFactory factory) { AddTo(extensions_, std::move(factory)); }

const FactoryBase* Registry::Find(ComponentKind kind, std::string_view type) const {
  switch (kind) {
    case ComponentKind::kReceiver:
      return FindReceiver(type);
    case ComponentKind::kProcessor:
      return FindProcessor(type);
    case ComponentKind::kExporter:
      return FindExporter(type);
    case ComponentKind::kConnector:
      return FindConnector(type);
    case ComponentKind::kExtension:
      return FindExtension(type);
  }
  return nullptr;
}

const ReceiverFactory* Registry::FindReceiver(std::string_view type) const {
  return FindIn(receivers_, type);
}
const ProcessorFactory* Registry::FindProcessor(std::string_view type) const {
  return FindIn(processors_, type);
}
const ExporterFactory* Registry::FindExporter(std::string_view type) const {
  return FindIn(exporters_, type);
}
const ConnectorFactory* Registry::FindConnector(std::string_view type) const {
  return FindIn(connectors_, type);
}
const ExtensionFactory* Registry::FindExtension(std::string_view type) const {
  return FindIn(extensions_, type);
}

std::vector<std::string> Registry::Types(ComponentKind kind) const {
  switch (kind) {
    case ComponentKind::kReceiver:
      return TypesOf(receivers_);
    case ComponentKind::kProcessor:
      return TypesOf(processors_);
    case ComponentKind::kExporter:
      return TypesOf(exporters_);
    case ComponentKind::kConnector:
      return TypesOf(connectors_);
    case ComponentKind::kExtension:
      return TypesOf(extensions_);
  }
  return {};
}

}  // namespace weir::pipeline
