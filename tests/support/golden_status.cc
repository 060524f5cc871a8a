#include "tests/support/golden_status.h"

#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <filesystem>

namespace weir::tests {
namespace {

// `body`, `body_base64` or `body_repeat: [character, count]` of a request or an answer.
std::string BodyOf(const YAML::Node& node) {
  if (const auto text = node["body"]) return text.as<std::string>();
  if (const auto repeat = node["body_repeat"]; repeat && repeat.IsSequence()) {
    return std::string(repeat[1].as<size_t>(), repeat[0].as<std::string>()[0]);
  }
  if (const auto base64 = node["body_base64"]) {
    const auto bytes = YAML::DecodeBase64(base64.as<std::string>());
    return {bytes.begin(), bytes.end()};
  }
  return {};
}

GoldenHttpCase ReadCase(const YAML::Node& node) {
  GoldenHttpCase out;
  out.name = node["name"].as<std::string>();
  const YAML::Node request = node["request"];
  out.method = request["method"].as<std::string>();
  out.path = request["path"].as<std::string>();
  for (const auto& header : request["headers"]) {
    out.headers.emplace_back(header[0].as<std::string>(), header[1].as<std::string>());
  }
  out.body = BodyOf(request);
  const YAML::Node response = node["response"];
  out.status = response["status"].as<int>();
  for (const auto& header : response["headers"]) {
    out.response_headers.emplace_back(header.first.as<std::string>(),
                                      header.second.as<std::string>());
  }
  out.response_body = BodyOf(response);
  if (const auto decoded = response["decoded"]) {
    if (decoded["code"]) out.code = decoded["code"].as<int>();
    if (decoded["message"]) out.message = decoded["message"].as<std::string>();
  }
  return out;
}

}  // namespace

std::string SharedData() {
  if (const char* folder = std::getenv("WEIR_DATA")) return folder;
  return std::filesystem::is_directory(WEIR_SHARED_DATA) ? WEIR_SHARED_DATA : "";
}

std::vector<GoldenHttpCase> ReadGoldenHttp(const std::string& file) {
  std::vector<GoldenHttpCase> cases;
  const std::string path = SharedData() + "/otelcol-golden/otlp-status/" + file;
  if (SharedData().empty() || !std::filesystem::exists(path)) return cases;
  const YAML::Node golden = YAML::LoadFile(path);
  for (const auto& node : golden["cases"]) {
    // Bodies that are only described cannot be sent again.
    const YAML::Node repeat = node["request"]["body_repeat"];
    if (!repeat || repeat.IsSequence()) cases.push_back(ReadCase(node));
  }
  return cases;
}

}  // namespace weir::tests
