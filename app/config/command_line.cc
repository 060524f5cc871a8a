#include "app/config/command_line.h"

#include <algorithm>
#include <array>
#include <ostream>

#include "app/config/arguments.h"
#include "base/config/yaml.h"

namespace weir::app {
namespace {

using config::Problems;
using config::Value;

constexpr std::string_view kUsage = R"(Collects, keeps and answers telemetry.

Usage:
  PROGRAM [flags]
  PROGRAM [command]

Available Commands:
  completion   Prints words for the completion of a shell
  components   Outputs available components in this collector distribution
  featuregate  Display feature gates information
  help         Help about any command
  print-config Prints the configuration with every default
  validate     Validates the config without running the collector

Flags:
      --config uri           Location of a configuration: a file, file:path, env:NAME or yaml:text.
                             May be given several times; later ones win.
      --feature-gates list   Comma-delimited; prefix with '-' to disable.
  -h, --help                 help for PROGRAM
      --set key=value        Sets one property, as in --set=processors.batch.timeout=2s
      --version              version of PROGRAM

Flags of print-config:
      --format yaml|json     default yaml
      --mode redacted|unredacted
      --validate             default true
)";

class CommandLine {
 public:
  CommandLine(Arguments arguments, const CommandLineEnvironment& environment,
              const CommandLineHooks& hooks)
      : arguments_(std::move(arguments)), environment_(environment), hooks_(hooks) {}

  int Run() {
    const std::string& command = arguments_.command;
    if (arguments_.help || command == "help") return Help();
    if (arguments_.version) return Version();
    if (!arguments_.words.empty() && command != "featuregate" && command != "completion")
      return Error("accepts 0 arg(s), received " + std::to_string(arguments_.words.size()));
    for (const std::string& set : arguments_.sets) {
      if (const auto location = config::SetLocation(set); !location)
        return Error("invalid argument \"" + set +
                     "\" for \"--set\" flag: " + location.error().message());
    }
    for (const std::string& list : arguments_.feature_gates) {
      if (const Status status = gates_.Apply(list); !status.ok())
        return Error("invalid argument \"" + list +
                     "\" for \"--feature-gates\" flag: " + status.message());
    }
    if (command == "components") return Components();
    if (command == "featuregate") return Gates();
    if (command == "completion") return Completion();
    if (command == "validate") return Validate();
    if (command == "print-config") return PrintConfig();
    return RunService();
  }

 private:
  int Error(std::string_view text) const {
    environment_.err << "Error: " << text << "\n";
    return 1;
  }
  int Refuse(const Problems& problems, std::string_view invalid_prefix) const {
    environment_.err << RenderProblems(problems, invalid_prefix);
    return 1;
  }

  int Help() const {
    std::string text(kUsage);
    for (size_t at = text.find("PROGRAM"); at != std::string::npos; at = text.find("PROGRAM", at))
      text.replace(at, 7, environment_.build.command);
    environment_.out << text;
    return 0;
  }
  int Version() const {
    environment_.out << environment_.build.command << " version " << environment_.build.version
                     << "\n";
    return 0;
  }

  std::unique_ptr<ServiceConfig> Load(Problems& problems) const {
    config::ResolveOptions options;
    options.locations = arguments_.configs;
    options.sets = arguments_.sets;
    options.merge_append = gates_.enabled("confmap.enableMergeAppendOption");
    if (options.locations.empty()) options.locations = {"yaml:" + std::string(DefaultConfigText())};
    const std::optional<Value> resolved = config::Resolve(options, environment_.resolve, problems);
    if (!resolved) return nullptr;
    ConfigGates gates;
    gates.allow_no_pipelines = gates_.enabled("service.AllowNoPipelines");
    gates.profiles_support = gates_.enabled("service.profilesSupport");
    return LoadServiceConfig(environment_.registry, *resolved, gates, problems);
  }

  int Validate() const {
    if (arguments_.configs.empty()) return Error("at least one config flag must be provided");
    Problems problems;
    const std::unique_ptr<ServiceConfig> service = Load(problems);
    if (problems.ok() && hooks_.validate_graph) hooks_.validate_graph(*service, gates_, problems);
    for (const config::Problem& warning : problems.warnings())
      environment_.err << "Warning: " << warning.ToString() << "\n";
    return problems.ok() ? 0 : Refuse(problems, {});
  }

  int PrintConfig() const {
    if (arguments_.mode != "redacted" && arguments_.mode != "unredacted")
      return Error("invalid mode \"" + arguments_.mode + "\": modes are: redacted, unredacted");
    if (arguments_.format != "yaml" && arguments_.format != "json")
      return Error("unrecognized print format: " + arguments_.format);
    Problems problems;
    const std::unique_ptr<ServiceConfig> service = Load(problems);
    if (!service || (arguments_.validate && !problems.ok()))
      return Refuse(problems, "invalid configuration: ");
    const Value printed = PrintServiceConfig(*service, arguments_.mode == "redacted");
    environment_.out << (arguments_.format == "json" ? config::WriteJson(printed)
                                                     : config::WriteYaml(printed));
    return 0;
  }

  int RunService() const {
    Problems problems;
    RunRequest request;
    request.service = Load(problems);
    if (!problems.ok()) return Refuse(problems, "invalid configuration: ");
    request.load = [self = *this](Problems& found) { return self.Load(found); };
    request.gates = gates_;
    request.warnings = problems.warnings();
    request.uses_default_config = arguments_.configs.empty();
    for (const std::string& location : arguments_.configs) {
      if (location.substr(0, 5) == "file:") request.files.push_back(location.substr(5));
      if (location.find(':') == std::string::npos) request.files.push_back(location);
    }
    if (request.uses_default_config) environment_.err << DefaultConfigNotice();
    return hooks_.run ? hooks_.run(std::move(request)) : 0;
  }

  int Components() const {
    std::string text = "buildinfo:\n    command: " + environment_.build.command +
                       "\n    description: " + environment_.build.description + "\n    version: " +
                       (environment_.build.version.empty() ? "\"\"" : environment_.build.version) +
                       "\n";
    for (const auto kind : {pipeline::ComponentKind::kReceiver, pipeline::ComponentKind::kProcessor,
                            pipeline::ComponentKind::kExporter, pipeline::ComponentKind::kConnector,
                            pipeline::ComponentKind::kExtension})
      text += ComponentsOf(kind);
    text += "providers:\n    - scheme: env\n    - scheme: file\n    - scheme: yaml\n";
    text += "converters: []\n";
    environment_.out << text;
    return 0;
  }

  std::string ComponentsOf(pipeline::ComponentKind kind) const {
    const std::string section(pipeline::SectionName(kind));
    const std::vector<std::string> types = environment_.registry.Types(kind);
    if (types.empty()) return section + ": []\n";
    std::string text = section + ":\n";
    for (const std::string& type : types) {
      const pipeline::FactoryBase& factory = *environment_.registry.Find(kind, type);
      text += "    - name: " + type + "\n";
      text += "      module: weir/" + section;
      text += "/" + type + "\n";
      text += "      stability:\n";
      if (!factory.stability.extension.empty())
        text += "        extension: " + factory.stability.extension + "\n";
      for (const model::Signal signal :
           {model::Signal::kLogs, model::Signal::kMetrics, model::Signal::kTraces}) {
        if (factory.stability.Has(signal))
          text += "        " + std::string(model::SignalName(signal)) + ": " +
                  factory.stability.by_signal[model::SignalIndex(signal)] + "\n";
      }
    }
    return text;
  }

  int Gates() const {
    if (!arguments_.words.empty()) return OneGate(arguments_.words.front());
    size_t width = 0;
    for (const FeatureGate& gate : FeatureGates::All()) width = std::max(width, gate.id.size());
    const auto column = [](std::string_view text, size_t size) {
      return std::string(text) + std::string(size - std::min(size, text.size()), ' ') + "  ";
    };
    environment_.out << column("ID", width) << "Enabled  Stage  Description\n";
    for (const FeatureGate& gate : FeatureGates::All())
      environment_.out << column(gate.id, width)
                       << column(gates_.enabled(gate.id) ? "true" : "false", 7)
                       << column(gate.stage, 5) << gate.description << "\n";
    return 0;
  }

  int OneGate(const std::string& id) const {
    for (const FeatureGate& gate : FeatureGates::All()) {
      if (gate.id != id) continue;
      environment_.out << "Feature: " << gate.id
                       << "\nEnabled: " << (gates_.enabled(id) ? "true" : "false")
                       << "\nStage: " << gate.stage << "\nDescription: " << gate.description
                       << "\nFrom Version: " << gate.from_version << "\nTo Version: v<nil>\n";
      return 0;
    }
    return Error("feature \"" + id + "\" not found");
  }

  int Completion() const {
    if (arguments_.words.size() != 1 || arguments_.words[0] != "bash")
      return Error("completion is available for bash: " + environment_.build.command +
                   " completion bash");
    environment_.out << "complete -o default -W \"completion components featuregate help "
                        "print-config validate --config --set --feature-gates --help\" "
                     << environment_.build.command << "\n";
    return 0;
  }

  Arguments arguments_;
  const CommandLineEnvironment& environment_;
  const CommandLineHooks& hooks_;
  FeatureGates gates_;
};

}  // namespace

int RunCommandLine(const std::vector<std::string>& arguments,
                   const CommandLineEnvironment& environment, const CommandLineHooks& hooks) {
  Result<Arguments> parsed = Arguments::Parse(arguments, environment.build.command);
  if (!parsed) {
    environment.err << "Error: " << parsed.error().message() << "\n";
    return 1;
  }
  return CommandLine(std::move(*parsed), environment, hooks).Run();
}

}  // namespace weir::app
