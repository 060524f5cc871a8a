#include "tests/receivers_otlp_grpc/golden_grpc.h"

#include <yaml-cpp/yaml.h>

#include <array>
#include <filesystem>
#include <string_view>

#include "tests/support/golden_status.h"

namespace weir::tests {
namespace {

constexpr std::array<std::string_view, 17> kCodes = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

int CodeOf(const YAML::Node& node) {
  const auto name = node.as<std::string>();
  for (size_t i = 0; i < kCodes.size(); ++i) {
    if (kCodes[i] == name) return static_cast<int>(i);
  }
  return -1;
}

std::string Text(const YAML::Node& node) { return node ? node.as<std::string>() : std::string(); }

std::string Bytes(const YAML::Node& base64) {
  if (!base64) return {};
  const auto bytes = YAML::DecodeBase64(base64.as<std::string>());
  return {bytes.begin(), bytes.end()};
}

std::vector<std::pair<std::string, std::string>> Pairs(const YAML::Node& list) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& pair : list) {
    pairs.emplace_back(pair[0].as<std::string>(), pair[1].as<std::string>());
  }
  return pairs;
}

YAML::Node CasesOf(const std::string& file) {
  const std::string path = SharedData() + "/otelcol-golden/otlp-status/" + file;
  if (SharedData().empty() || !std::filesystem::exists(path)) return {};
  return YAML::LoadFile(path)["cases"];
}

}  // namespace

std::vector<GoldenGrpcCall> ReadGoldenGrpc() {
  std::vector<GoldenGrpcCall> cases;
  for (const auto& node : CasesOf("grpc.yaml")) {
    const YAML::Node request = node["request"];
    const YAML::Node response = node["response"];
    GoldenGrpcCall call;
    call.name = Text(node["name"]);
    call.path = Text(request["path"]);
    call.body = request["body_bytes"] ? std::string(request["body_bytes"].as<size_t>(), 'x')
                                      : Bytes(request["body_base64"]);
    call.compression = Text(request["compression"]);
    call.metadata = Pairs(request["metadata"]);
    call.code = CodeOf(response["code"]);
    call.message = Text(response["message"]);
    call.reply = Bytes(response["body_base64"]);
    cases.push_back(std::move(call));
  }
  return cases;
}

std::vector<GoldenGrpcRaw> ReadGoldenGrpcRaw() {
  std::vector<GoldenGrpcRaw> cases;
  for (const auto& node : CasesOf("grpc-raw.yaml")) {
    const YAML::Node request = node["request"];
    GoldenGrpcRaw raw;
    raw.name = Text(node["name"]);
    raw.path = Text(request["path"]);
    raw.headers = Pairs(request["headers"]);
    raw.body = Bytes(request["body_base64"]);
    for (const auto& line : node["response"]["lines"]) raw.lines.push_back(line.as<std::string>());
    cases.push_back(std::move(raw));
  }
  return cases;
}

std::vector<GoldenGrpcAnswer> ReadGoldenGrpcAnswers(const std::string& file) {
  std::vector<GoldenGrpcAnswer> cases;
  for (const auto& node : CasesOf(file)) {
    const YAML::Node seen = node["clients_see"] ? node["clients_see"]["grpc"] : node["grpc"];
    if (!seen) continue;
    GoldenGrpcAnswer answer;
    answer.name = Text(node["name"]);
    answer.code = CodeOf(seen["code"]);
    answer.message = Text(seen["message"]);
    answer.retry_info = seen["details"].IsDefined();
    cases.push_back(std::move(answer));
  }
  return cases;
}

}  // namespace weir::tests
