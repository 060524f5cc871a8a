// A configuration file: YAML, references, decoding, validating, printing.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/config/decode.h"
#include "base/config/resolve.h"
#include "base/config/yaml.h"

namespace {

struct Section {
  std::string text;
  int64_t number = 0;
  weir::config::Duration wait{};
  weir::config::HeaderList headers;
  std::vector<Section> children;
  void Fields(weir::config::Fields& f) {
    f("text", text);
    f("number", number);
    f("wait", wait);
    f("headers", headers);
    f("children", children);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weir::config;
  const std::string text(reinterpret_cast<const char*>(data), size);
  ResolveEnvironment environment;
  environment.variable = [&](const std::string&) { return std::optional<std::string>(text); };
  environment.read_file = [&](const std::string&) { return weir::Result<std::string>(text); };
  ResolveOptions options;
  options.locations = {"file:f"};
  Problems problems;
  const std::optional<Value> value = Resolve(options, environment, problems);
  if (!value) return 0;
  Section section;
  Decode(*value, "s", section, problems);
  Validate(*value, "s", section, problems);
  (void)WriteYaml(Print(section, true));
  (void)WriteJson(*value);
  return 0;
}
