#include "app/config/service_config.h"

#include <algorithm>
#include <map>
#include <set>

#include "app/config/service_validate.h"
#include "base/config/decode.h"

namespace weir::app {
namespace {

using config::Phase;
using config::Position;
using config::Problems;
using config::Value;
using pipeline::ComponentId;
using pipeline::ComponentKind;

constexpr std::array<ComponentKind, 5> kKinds = {
    ComponentKind::kReceiver, ComponentKind::kProcessor, ComponentKind::kExporter,
    ComponentKind::kConnector, ComponentKind::kExtension};

// An id inside a list.
struct IdRef {
  ComponentId id;
  static std::string_view GoType() { return "component.ID"; }
  bool FromText(std::string_view text, std::string* error) {
    Result<ComponentId> parsed = ComponentId::Parse(text);
    if (!parsed) {
      *error = parsed.error().message();
      return false;
    }
    id = std::move(*parsed);
    return true;
  }
  std::string ToText() const { return id.ToString(); }
};

struct PipelineBody {
  static constexpr std::string_view kMapGoType = "pipelines.Config";
  std::vector<IdRef> receivers;
  std::vector<IdRef> processors;
  std::vector<IdRef> exporters;
  void Fields(config::Fields& f) {
    f("receivers", receivers);
    f("processors", processors);
    f("exporters", exporters);
  }
};

struct ServiceBody {
  std::vector<IdRef> extensions;
  std::map<std::string, PipelineBody> pipelines;
  Value telemetry;
  void Fields(config::Fields& f) {
    f("extensions", extensions);
    f("pipelines", pipelines);
    f("telemetry", telemetry);
  }
};

// The whole file, one level deep.
struct TopLevel {
  static constexpr std::string_view kTypeName = "otelcol.configSettings";
  std::array<Value, kKinds.size()> sections;
  ServiceBody service;
  void Fields(config::Fields& f) {
    for (size_t i = 0; i < kKinds.size(); ++i) f(pipeline::SectionName(kKinds[i]), sections[i]);
    f("service", service);
  }
};

std::vector<ComponentId> Ids(const std::vector<IdRef>& refs) {
  std::vector<ComponentId> ids;
  ids.reserve(refs.size());
  for (const IdRef& ref : refs) ids.push_back(ref.id);
  return ids;
}

// Types and deprecated spellings of a kind, sorted.
std::vector<std::string> KnownTypes(const pipeline::Registry& registry, ComponentKind kind) {
  std::set<std::string> types;
  for (const std::string& type : registry.Types(kind)) {
    types.insert(type);
    const std::vector<std::string>& aliases = registry.Find(kind, type)->aliases;
    types.insert(aliases.begin(), aliases.end());
  }
  return {types.begin(), types.end()};
}

class Reader {
 public:
  Reader(const pipeline::Registry& registry, ServiceConfig& service, Problems& problems)
      : registry_(registry), service_(service), problems_(problems) {}

  void Read(const Value& file) {
    TopLevel top;
    Problems found;
    config::Decode(file, {}, top, found);
    for (config::Problem& problem : found.mutable_errors()) {
      if (problem.path.substr(0, 2) == "::") problem.path.erase(0, 2);
      problems_.AddError(std::move(problem));
    }
    for (size_t i = 0; i < kKinds.size(); ++i) ReadSection(kKinds[i], top.sections[i]);
    ReadService(top.service, file.Find("service"));
  }

 private:
  void Refuse(const Position& position, std::string path, std::string text, std::string hint = {}) {
    problems_.AddError(
        {Phase::kDecode, position, std::move(path), std::move(text), std::move(hint)});
  }

  void ReadSection(ComponentKind kind, const Value& section) {
    const std::string name(pipeline::SectionName(kind));
    if (section.is_null()) return;
    if (!section.is_map()) {
      const std::string_view go_kind = section.is_list() ? "slice" : section.GoTypeName();
      Refuse(section.position(), name,
             "'" + name + "' expected a map or struct, got \"" + std::string(go_kind) + "\"");
      return;
    }
    for (const auto& [key, body] : section.map()) ReadComponent(kind, name, key, body);
  }

  void ReadComponent(ComponentKind kind, const std::string& section, const std::string& key,
                     const Value& body) {
    const Position& at = body.key_position();
    const std::string path = section + "::" + key;
    Result<ComponentId> id = ComponentId::Parse(key);
    if (!id) {
      Refuse(at, section, "'' " + id.error().message());
      return;
    }
    if (service_.Find(kind, *id) != nullptr) {
      Refuse(at, section, "'' duplicate name \"" + key + "\" after unmarshaling " + id->ToString());
      return;
    }
    if (!body.is_null() && !body.is_map()) {
      Refuse(body.position(), section,
             "'[" + key + "]' expected type 'map[string]interface {}', got unconvertible type '" +
                 std::string(body.GoTypeName()) + "'");
      return;
    }
    const pipeline::FactoryBase* factory = registry_.Find(kind, id->type);
    if (factory == nullptr) {
      RefuseType(kind, section, *id, at);
      return;
    }
    ComponentEntry entry;
    entry.id = *id;
    entry.factory = factory;
    entry.config = factory->new_config();
    entry.position = at;
    entry.used_alias = factory->type != id->type;
    entry.raw = body;
    config::Decode(
        body, path, [&](config::Fields& f) { entry.config->Visit(f); }, problems_);
    service_.Components(kind).push_back(std::move(entry));
  }

  void RefuseType(ComponentKind kind, const std::string& section, const ComponentId& id,
                  const Position& at) {
    if (kind == ComponentKind::kExporter && id.type == "logging") {
      Refuse(at, section,
             "the logging exporter has been deprecated, use the debug exporter instead");
      return;
    }
    const std::vector<std::string> known = KnownTypes(registry_, kind);
    std::string list;
    for (const std::string& type : known) list += (list.empty() ? "" : " ") + type;
    const std::string nearest = config::Nearest(id.type, known);
    Refuse(at, section,
           "unknown type: \"" + id.type + "\" for id: \"" + id.ToString() + "\" (valid values: [" +
               list + "])",
           nearest.empty() ? std::string() : "did you mean `" + nearest + "`?");
  }

  void ReadService(ServiceBody& body, const Value* section) {
    service_.service_extensions = Ids(body.extensions);
    service_.telemetry.DecodeFrom(body.telemetry, problems_);
    const Value* pipelines = section != nullptr ? section->Find("pipelines") : nullptr;
    if (pipelines == nullptr || !pipelines->is_map()) return;
    for (const auto& [key, written] : pipelines->map())
      ReadPipeline(key, written.key_position(), body.pipelines[key]);
  }

  void ReadPipeline(const std::string& key, const Position& at, const PipelineBody& body) {
    if (key == "profiles" || key.substr(0, 9) == "profiles/") {
      service_.profile_pipelines.push_back(key);
      return;
    }
    Result<pipeline::PipelineId> id = pipeline::PipelineId::Parse(key);
    if (!id) {
      Refuse(at, "service::pipelines", "'service.pipelines' " + id.error().message());
      return;
    }
    PipelineEntry entry;
    entry.id = std::move(*id);
    entry.receivers = Ids(body.receivers);
    entry.processors = Ids(body.processors);
    entry.exporters = Ids(body.exporters);
    entry.position = at;
    service_.pipelines.push_back(std::move(entry));
  }

  const pipeline::Registry& registry_;
  ServiceConfig& service_;
  Problems& problems_;
};

Value PrintIds(const std::vector<ComponentId>& ids) {
  std::vector<Value> list;
  list.reserve(ids.size());
  for (const ComponentId& id : ids) list.push_back(Value::OfString(id.ToString()));
  return Value::OfList(std::move(list));
}

Value PrintPipelines(const ServiceConfig& service) {
  Value pipelines = Value::OfMap({});
  for (const PipelineEntry& entry : service.pipelines) {
    pipelines.map().emplace_back(entry.id.ToString(),
                                 Value::OfMap({{"receivers", PrintIds(entry.receivers)},
                                               {"processors", PrintIds(entry.processors)},
                                               {"exporters", PrintIds(entry.exporters)}}));
  }
  return pipelines;
}

}  // namespace

const std::vector<ComponentEntry>& ServiceConfig::Components(ComponentKind kind) const {
  switch (kind) {
    case ComponentKind::kReceiver:
      return receivers;
    case ComponentKind::kProcessor:
      return processors;
    case ComponentKind::kExporter:
      return exporters;
    case ComponentKind::kConnector:
      return connectors;
    case ComponentKind::kExtension:
      break;
  }
  return extensions;
}

std::vector<ComponentEntry>& ServiceConfig::Components(ComponentKind kind) {
  return const_cast<std::vector<ComponentEntry>&>(std::as_const(*this).Components(kind));
}

const ComponentEntry* ServiceConfig::Find(ComponentKind kind, const ComponentId& id) const {
  for (const ComponentEntry& entry : Components(kind)) {
    if (entry.id == id) return &entry;
  }
  return nullptr;
}

std::unique_ptr<ServiceConfig> LoadServiceConfig(const pipeline::Registry& registry,
                                                 const Value& resolved, const ConfigGates& gates,
                                                 Problems& problems) {
  auto service = std::make_unique<ServiceConfig>();
  service->resolved = resolved;
  Problems found;
  Reader(registry, *service, found).Read(resolved);
  const bool decoded = found.ok();
  for (config::Problem& problem : found.mutable_errors()) problems.AddError(std::move(problem));
  if (!decoded) return nullptr;
  ValidateService(*service, gates, problems);
  return service;
}

Value PrintServiceConfig(const ServiceConfig& service, bool redact) {
  Value out = Value::OfMap({});
  for (const ComponentKind kind : kKinds) {
    Value section = Value::OfMap({});
    for (const ComponentEntry& entry : service.Components(kind)) {
      section.map().emplace_back(
          entry.id.ToString(),
          config::Print([&](config::Fields& f) { entry.config->Visit(f); }, redact));
    }
    out.map().emplace_back(pipeline::SectionName(kind), std::move(section));
  }
  Value body = Value::OfMap({{"pipelines", PrintPipelines(service)}});
  if (!service.service_extensions.empty())
    body.map().emplace_back("extensions", PrintIds(service.service_extensions));
  TelemetryConfig telemetry = service.telemetry;
  body.map().emplace_back("telemetry", config::Print(telemetry, redact));
  out.map().emplace_back("service", std::move(body));
  return out;
}

}  // namespace weir::app
