// Every component this binary has, found by type. Filled once at start by the generated list
// (cmake/weir.cmake); each component's register.cc adds itself:
//
//   void Register_processors_batch(weir::pipeline::Registry& registry) {
//     registry.Add(ProcessorFactory{{.type = "batch", .stability = Stability::All("Beta"),
//                                    .new_config = NewConfig<BatchConfig>}, &CreateBatch});
//   }
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "model/signal.h"
#include "pipeline/component.h"

namespace weir::pipeline {

// Per signal: "Stable", "Beta", "Alpha", "Development", ...; empty = the component does not take
// it.
struct Stability {
  std::array<std::string, model::kSignalCount> by_signal;
  std::string extension;  // of an extension
  static Stability All(std::string_view level);
  static Stability Only(std::initializer_list<model::Signal> signals, std::string_view level);
  static Stability OfExtension(std::string_view level);
  bool Has(model::Signal signal) const { return !by_signal[model::SignalIndex(signal)].empty(); }
};

struct FactoryBase {
  std::string type;                  // canonical: "otlp_grpc"
  std::vector<std::string> aliases;  // deprecated spellings: "otlp"; a use is logged
  Stability stability;
  std::function<std::unique_ptr<ComponentConfig>()> new_config;  // with defaults
};

template <typename T>
std::unique_ptr<ComponentConfig> NewConfig() {
  return std::make_unique<ComponentConfigOf<T>>();
}
// The struct inside; `config` was made by NewConfig<T>.
template <typename T>
const T& ConfigAs(const ComponentConfig& config) {
  return static_cast<const ComponentConfigOf<T>&>(config).value;
}

// Creation fails with the Collector's words of a build error, without the "failed to create" frame.
// `config` outlives the component.
struct ReceiverFactory : FactoryBase {
  std::function<Result<std::unique_ptr<Receiver>>(const Settings&, const ComponentConfig&,
                                                  const ReceiverConsumers&)>
      create;
};
struct ProcessorFactory : FactoryBase {
  std::function<Result<std::unique_ptr<Processor>>(const Settings&, const ComponentConfig&,
                                                   model::Signal, Consumer& next)>
      create;
};
struct ExporterFactory : FactoryBase {
  std::function<Result<std::unique_ptr<Exporter>>(const Settings&, const ComponentConfig&,
                                                  model::Signal)>
      create;
};
struct ConnectorFactory : FactoryBase {
  std::function<bool(model::Signal from, model::Signal to)> supports;
  std::function<Result<std::unique_ptr<Connector>>(const Settings&, const ComponentConfig&,
                                                   model::Signal from, model::Signal to,
                                                   Consumer& next)>
      create;
};
struct ExtensionFactory : FactoryBase {
  std::function<Result<std::unique_ptr<Extension>>(const Settings&, const ComponentConfig&)> create;
};

class Registry {
 public:
  void Add(ReceiverFactory factory);
  void Add(ProcessorFactory factory);
  void Add(ExporterFactory factory);
  void Add(ConnectorFactory factory);
  void Add(ExtensionFactory factory);

  // By canonical type, alias, or either with underscores removed (`filelog` finds `file_log`); null
  // when unknown.
  const FactoryBase* Find(ComponentKind kind, std::string_view type) const;
  const ReceiverFactory* FindReceiver(std::string_view type) const;
  const ProcessorFactory* FindProcessor(std::string_view type) const;
  const ExporterFactory* FindExporter(std::string_view type) const;
  const ConnectorFactory* FindConnector(std::string_view type) const;
  const ExtensionFactory* FindExtension(std::string_view type) const;

  // Canonical types of a kind, sorted.
  std::vector<std::string> Types(ComponentKind kind) const;

 private:
  template <typename F>
  using Map = std::map<std::string, F, std::less<>>;
  Map<ReceiverFactory> receivers_;
  Map<ProcessorFactory> processors_;
  Map<ExporterFactory> exporters_;
  Map<ConnectorFactory> connectors_;
  Map<ExtensionFactory> extensions_;
};

}  // namespace weir::pipeline
