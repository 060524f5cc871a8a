// The verdicts of a real Collector on protobuf bodies, recorded in otelcol-golden/otlp-status.
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "model/check.h"

namespace weir::model {
namespace {

std::filesystem::path GoldenFile() {
  const char* data = std::getenv("WEIR_DATA");
  return std::filesystem::path(data != nullptr ? data : WEIR_DATA_DEFAULT) / "otelcol-golden" /
         "otlp-status" / "http.yaml";
}

std::string FromBase64(const std::string& text) {
  static const std::string kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const size_t value = kAlphabet.find(c);
    if (value == std::string::npos) break;
    bits = bits << 6 | static_cast<uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xff);
  }
  return bytes;
}

// Whether a request is a plain protobuf body; its signal then.
bool IsProtobuf(const YAML::Node& request, Signal* signal) {
  bool protobuf = false;
  for (const auto& header : request["headers"]) {
    const auto name = header[0].as<std::string>();
    const auto value = header[1].as<std::string>();
    if (name == "Content-Type") protobuf = value == "application/x-protobuf";
    if (name == "Content-Encoding" && !value.empty()) return false;
  }
  for (const Signal candidate : kSignals) {
    if (request["path"].as<std::string>() != "/v1/" + std::string(SignalName(candidate))) continue;
    *signal = candidate;
    return protobuf && request["body_base64"];
  }
  return false;
}

TEST(CheckRequest, JudgesAsTheCollectorDid) {
  const std::filesystem::path file = GoldenFile();
  if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is absent";
  int accepted = 0;
  int refused = 0;
  for (const auto& golden : YAML::LoadFile(file.string())["cases"]) {
    Signal signal = Signal::kTraces;
    if (!golden["request"] || !IsProtobuf(golden["request"], &signal)) continue;
    const int status = golden["response"]["status"].as<int>();
    if (status != 200 && status != 400) continue;
    SCOPED_TRACE(golden["name"].as<std::string>());
    const Slice body = Slice::Copy(FromBase64(golden["request"]["body_base64"].as<std::string>()));
    const Result<Batch> batch = CheckRequest(signal, body);
    EXPECT_EQ(batch.has_value(), status == 200);
    if (batch) {
      ++accepted;
      continue;
    }
    ++refused;
    const auto message = golden["response"]["decoded"]["message"].as<std::string>();
    // Of a tag 0 the Collector tells its decoder's internal position.
    if (message.find("illegal field=0") != std::string::npos) continue;
    EXPECT_TRUE(batch.error().message().starts_with(message))
        << batch.error().message() << " is not " << message;
  }
  EXPECT_GE(accepted, 4);
  EXPECT_GE(refused, 10);
}

}  // namespace
}  // namespace weir::model
