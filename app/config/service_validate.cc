#include "app/config/service_validate.h"

#include <algorithm>
#include <set>

#include "base/config/decode.h"

namespace weir::app {
namespace {

using config::Position;
using config::Value;
using pipeline::ComponentId;
using pipeline::ComponentKind;

std::string Ambiguous(const std::string& id, ComponentKind kind) {
  return "ambiguous ID: Found both \"" + id + "\" " + std::string(pipeline::KindName(kind)) +
         " and \"" + id +
         "\" connector. Change one of the components' IDs to eliminate ambiguity (e.g. rename \"" +
         id + "\" connector to \"" + id + "/connector\")";
}

class ServiceValidator {
 public:
  ServiceValidator(const ServiceConfig& service, const ConfigGates& gates,
                   config::Problems& problems)
      : service_(service), gates_(gates), problems_(problems) {}

  void Run() {
    if (CheckPresence()) {
      CheckAmbiguity();
      CheckReferences();
    }
    for (const ComponentKind kind :
         {ComponentKind::kReceiver, ComponentKind::kProcessor, ComponentKind::kExporter,
          ComponentKind::kConnector, ComponentKind::kExtension}) {
      for (const ComponentEntry& entry : service_.Components(kind)) CheckComponent(kind, entry);
    }
    CheckPipelines();
    CheckTelemetry();
  }

 private:
  void Refuse(const Position& position, std::string path, std::string text, std::string hint = {}) {
    problems_.AddError(
        {config::Phase::kValidate, position, std::move(path), std::move(text), std::move(hint)});
  }
  const Position& FilePosition() const { return service_.resolved.position(); }

  // The file has something to run. Only the first lack is told.
  bool CheckPresence() {
    if (gates_.allow_no_pipelines) return true;
    bool any = false;
    for (const ComponentKind kind :
         {ComponentKind::kReceiver, ComponentKind::kProcessor, ComponentKind::kExporter,
          ComponentKind::kConnector, ComponentKind::kExtension})
      any = any || !service_.Components(kind).empty();
    if (!any) {
      Refuse(FilePosition(), {}, "empty configuration file");
    } else if (service_.receivers.empty()) {
      Refuse(FilePosition(), {}, "no receiver configuration specified in config");
    } else if (service_.exporters.empty()) {
      Refuse(FilePosition(), {}, "no exporter configuration specified in config");
    } else {
      return true;
    }
    return false;
  }

  void CheckAmbiguity() {
    for (const ComponentEntry& connector : service_.connectors) {
      for (const ComponentKind kind : {ComponentKind::kExporter, ComponentKind::kReceiver}) {
        if (service_.Find(kind, connector.id) == nullptr) continue;
        const std::string id = connector.id.ToString();
        Refuse(connector.position, "connectors::" + id, Ambiguous(id, kind));
      }
    }
  }

  void CheckReferences() {
    for (const ComponentId& id : service_.service_extensions) {
      if (service_.Find(ComponentKind::kExtension, id) == nullptr) {
        Refuse(PositionOfItem("extensions", {}, id), "service::extensions",
               "references extension \"" + id.ToString() + "\" which is not configured",
               HintFor(ComponentKind::kExtension, id));
      }
    }
    for (const PipelineEntry& entry : service_.pipelines) {
      CheckList(entry, ComponentKind::kReceiver, entry.receivers, true);
      CheckList(entry, ComponentKind::kProcessor, entry.processors, false);
      CheckList(entry, ComponentKind::kExporter, entry.exporters, true);
    }
  }

  void CheckList(const PipelineEntry& entry, ComponentKind kind,
                 const std::vector<ComponentId>& ids, bool or_connector) {
    for (const ComponentId& id : ids) {
      if (service_.Find(kind, id) != nullptr) continue;
      if (or_connector && service_.Find(ComponentKind::kConnector, id) != nullptr) continue;
      Refuse(PositionOfItem(pipeline::SectionName(kind), entry.id.ToString(), id), PathOf(entry),
             "references " + std::string(pipeline::KindName(kind)) + " \"" + id.ToString() +
                 "\" which is not configured",
             HintFor(kind, id));
    }
  }

  void CheckComponent(ComponentKind kind, const ComponentEntry& entry) {
    Value section = entry.raw;
    section.set_position(entry.position);
    config::Validate(
        section, std::string(pipeline::SectionName(kind)) + "::" + entry.id.ToString(),
        [&](config::Fields& f) { entry.config->Visit(f); }, problems_);
  }

  void CheckPipelines() {
    for (const std::string& id : service_.profile_pipelines) {
      Refuse(FilePosition(), "service::pipelines",
             "pipeline \"" + id + "\": " +
                 (gates_.profiles_support
                      ? "profiles are not supported"
                      : "profiling signal support is at alpha level, gated under the "
                        "\"service.profilesSupport\" feature gate"));
    }
    if (service_.pipelines.empty() && service_.profile_pipelines.empty() &&
        !gates_.allow_no_pipelines)
      Refuse(FilePosition(), "service::pipelines", "service must have at least one pipeline");
    for (const PipelineEntry& entry : service_.pipelines) CheckPipeline(entry);
  }

  void CheckPipeline(const PipelineEntry& entry) {
    if (entry.receivers.empty()) {
      Refuse(entry.position, PathOf(entry), "must have at least one receiver");
      return;
    }
    if (entry.exporters.empty()) {
      Refuse(entry.position, PathOf(entry), "must have at least one exporter");
      return;
    }
    std::set<ComponentId> seen;
    for (const ComponentId& id : entry.processors) {
      if (seen.insert(id).second) continue;
      Refuse(PositionOfItem("processors", entry.id.ToString(), id), PathOf(entry),
             "references processor \"" + id.ToString() + "\" multiple times");
    }
  }

  void CheckTelemetry() {
    const Value* written = service_.resolved.Find("service");
    written = written != nullptr ? written->Find("telemetry") : nullptr;
    const config::Checker check(problems_, "service::telemetry",
                                written != nullptr ? written->key_position() : FilePosition());
    service_.telemetry.Validate(check);
  }

  static std::string PathOf(const PipelineEntry& entry) {
    return "service::pipelines::" + entry.id.ToString();
  }

  // Where an id stands in `service::extensions` or in a list of a pipeline.
  Position PositionOfItem(std::string_view list_name, const std::string& pipeline_id,
                          const ComponentId& id) const {
    const Value* section = service_.resolved.Find("service");
    if (section != nullptr && !pipeline_id.empty()) section = section->Find("pipelines");
    if (section != nullptr && !pipeline_id.empty()) section = section->Find(pipeline_id);
    const Value* list = section != nullptr ? section->Find(list_name) : nullptr;
    if (list == nullptr) return FilePosition();
    for (const Value& item : list->list()) {
      if (!item.is_string()) continue;
      const Result<ComponentId> parsed = ComponentId::Parse(item.as_string());
      if (parsed && *parsed == id) return item.position();
    }
    return list->position();
  }

  std::string HintFor(ComponentKind kind, const ComponentId& id) const {
    const auto& entries = service_.Components(kind);
    std::vector<std::string> known;
    known.reserve(entries.size());
    for (const ComponentEntry& entry : entries) known.push_back(entry.id.ToString());
    return config::NearestHint(id.ToString(), std::move(known));
  }

  const ServiceConfig& service_;
  const ConfigGates& gates_;
  config::Problems& problems_;
};

}  // namespace

void ValidateService(const ServiceConfig& service, const ConfigGates& gates,
                     config::Problems& problems) {
  ServiceValidator(service, gates, problems).Run();
}

}  // namespace weir::app
