#include "extensions/zpages/pages.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <set>
#include <vector>

#include "extensions/zpages/html.h"
#include "model/signal.h"

namespace weir::extensions::zpages {
namespace {

using pipeline::ComponentId;
using pipeline::ComponentInfo;
using pipeline::ComponentKind;

constexpr std::string_view kArrow = "→";

// "2026-11-26 12:00:00 +0000 UTC"
std::string TimeText(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm local{};
  localtime_r(&seconds, &local);
  std::array<char, 64> text;
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S %z %Z", &local)};
}

constexpr std::string_view Machine() {
#if defined(__x86_64__)
  return "amd64";
#elif defined(__aarch64__)
  return "arm64";
#else
  return "unknown";
#endif
}

std::string Compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#else
  return "gcc " __VERSION__;
#endif
}

using Properties = std::vector<std::pair<std::string, std::string>>;

std::string PropertyTable(std::string_view title, const Properties& rows) {
  std::string table = "<p><b>" + EscapeHtml(title) + "</b></p>\n<table>\n";
  for (const auto& [name, value] : rows)
    table += Row({"<b>" + EscapeHtml(name) + "</b>", EscapeHtml(value)});
  return table + "</table>\n";
}

// How the page shows the components of a pipeline, each linked.
class ComponentLinks {
 public:
  ComponentLinks(std::string pipeline, const std::set<ComponentId>& connectors)
      : pipeline_(std::move(pipeline)), connectors_(connectors) {}

  std::string Of(const ComponentId& id, std::string_view kind) const {
    std::string name = id.ToString();
    if (kind != "processor" && connectors_.contains(id)) name += " (connector)";
    return Link("?zpipelinename=" + EscapeQuery(pipeline_) +
                    "&zcomponentname=" + EscapeQuery(name) + "&zcomponentkind=" + EscapeQuery(kind),
                name);
  }
  std::string Of(const std::vector<ComponentId>& ids, std::string_view kind) const {
    std::string links;
    for (const ComponentId& id : ids) links += (links.empty() ? "" : "<br>") + Of(id, kind);
    return links;
  }

 private:
  const std::string pipeline_;
  const std::set<ComponentId>& connectors_;
};

std::string PipelineRow(const pipeline::PipelineInfo& info,
                        const std::set<ComponentId>& connectors) {
  const ComponentLinks links(info.id.ToString(), connectors);
  std::string processors(kArrow);
  for (const ComponentId& id : info.processors)
    processors.append(" ").append(links.Of(id, "processor")).append(" ").append(kArrow);
  return Row({EscapeHtml(info.id.ToString()), std::string(model::SignalName(info.id.signal)),
              info.mutates_data ? "true" : "false", links.Of(info.receivers, "receiver"),
              processors, links.Of(info.exporters, "exporter")});
}

}  // namespace

std::string ServicePage(const pipeline::ServiceView& view) {
  const pipeline::BuildInfo& build = view.build();
  std::string body = PropertyTable(
      "Build Info:",
      {{"Command", build.command}, {"Description", build.description}, {"Version", build.version}});
  body += PropertyTable("Runtime Info:", {{"StartTimestamp", TimeText(view.started_at())},
                                          {"Compiler", Compiler()},
                                          {"OS", "linux"},
                                          {"Arch", std::string(Machine())}});
  body += "<p>" + Link("pipelinez", "Pipelines") + "<br>\n" + Link("extensionz", "Extensions") +
          "<br>\n" + Link("featurez", "Features") + "</p>\n";
  return Document("Service " + build.command, body);
}

std::string PipelinesPage(const pipeline::ServiceView& view) {
  std::set<ComponentId> connectors;
  for (const ComponentInfo& component : view.Components()) {
    if (component.kind == ComponentKind::kConnector) connectors.insert(component.id);
  }
  std::vector<pipeline::PipelineInfo> pipelines = view.Pipelines();
  std::sort(pipelines.begin(), pipelines.end(),
            [](const auto& a, const auto& b) { return a.id.ToString() < b.id.ToString(); });
  std::string table =
      "<table>\n" +
      Row({"FullName", "InputType", "MutatesData", "Receivers", "Processors", "Exporters"}, "th");
  for (const pipeline::PipelineInfo& info : pipelines) table += PipelineRow(info, connectors);
  return Document("builtPipelines", table + "</table>\n");
}

std::string ExtensionsPage(const pipeline::ServiceView& view, std::string_view chosen) {
  std::set<std::string> names;
  for (const ComponentInfo& component : view.Components()) {
    if (component.kind == ComponentKind::kExtension) names.insert(component.id.ToString());
  }
  std::string body = "<table>\n";
  for (const std::string& name : names)
    body += Row({Link("?zextensionname=" + EscapeQuery(name), name)});
  body += "</table>\n";
  if (!chosen.empty()) body += "<p><b>" + EscapeHtml(chosen) + "</b></p>\n";
  return Document("Extensions", body);
}

std::string FeaturesPage(const pipeline::ServiceView& view) {
  std::string table = "<table>\n" + Row({"ID", "Enabled", "Description", "Stage", "From Version",
                                         "To Version", "Reference URL"},
                                        "th");
  for (const pipeline::FeatureInfo& feature : view.Features()) {
    table += Row({EscapeHtml(feature.id), feature.enabled ? "true" : "false",
                  EscapeHtml(feature.description), EscapeHtml(feature.stage),
                  EscapeHtml(feature.from_version),
                  // What the Collector prints when there is no such version.
                  EscapeHtml(feature.to_version.empty() ? "v<nil>" : feature.to_version),
                  EscapeHtml(feature.reference_url)});
  }
  return Document("Feature Gates", table + "</table>\n");
}

}  // namespace weir::extensions::zpages
