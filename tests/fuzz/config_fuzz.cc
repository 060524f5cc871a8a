// A configuration file: YAML, references, decoding, validating, printing.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/config/decode.h"
#include "base/config/resolve.h"
#include "base/config/yaml.h"

namespace config = weir::config;

namespace {

struct Section {
  std::string text;
  int64_t number = 0;
  config::Duration wait{};
  config::HeaderList headers;
  std::vector<Section> children;
  void Fields(config::Fields& f) {
    f("text", text);
    f("number", number);
    f("wait", wait);
    f("headers", headers);
    f("children", children);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  config::ResolveEnvironment environment;
  environment.variable = [&](const std::string&) { return std::optional<std::string>(text); };
  environment.read_file = [&](const std::string&) { return weir::Result<std::string>(text); };
  config::ResolveOptions options;
  options.locations = {"file:f"};
  config::Problems problems;
  const std::optional<config::Value> value = config::Resolve(options, environment, problems);
  if (!value) return 0;
  Section section;
  config::Decode(*value, "s", section, problems);
  config::Validate(*value, "s", section, problems);
  (void)config::WriteYaml(config::Print(section, true));
  (void)config::WriteJson(*value);
  return 0;
}
