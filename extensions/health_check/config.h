// Options of the health_check extension: those of an HTTP server, flat, and what it answers.
//
// The Collector's second version of this extension (keys `http`, `grpc`, `component_health`) is
// behind a feature gate there and not in this program: writing one of them is refused in the words
// that the Collector has while its gate is off.
#pragma once

#include <optional>
#include <string>

#include "base/config/fields.h"
#include "net/http_config.h"

namespace weir::extensions::health_check {

struct ResponseBody {
  static constexpr std::string_view kTypeName = "healthcheck.ResponseBodyConfig";
  std::string healthy;
  std::string unhealthy;
  void Fields(config::Fields& f);
};

// Read and without effect, as upstream.
struct CheckCollectorPipeline {
  static constexpr std::string_view kTypeName = "healthcheck.CheckCollectorPipelineConfig";
  bool enabled = false;
  std::string interval = "5m";
  int exporter_failure_threshold = 5;
  void Fields(config::Fields& f);
};

struct LegacyConfig {
  net::HttpServerConfig server = DefaultServer();
  std::string path = "/";                     // "/" answers every path
  std::optional<ResponseBody> response_body;  // instead of JSON
  CheckCollectorPipeline check_collector_pipeline;
  void Fields(config::Fields& f);

 private:
  static net::HttpServerConfig DefaultServer();
};

struct VersionedConfig {
  LegacyConfig legacy;
  bool use_v2 = false;  // no effect
  config::Value grpc;
  config::Value http;
  config::Value component_health;
  void Fields(config::Fields& f);
  void Validate(const config::Checker& check) const;
};

struct HealthCheckConfig {
  static constexpr std::string_view kTypeName = "healthcheck.Config";
  VersionedConfig versioned;
  const LegacyConfig& legacy() const { return versioned.legacy; }
  void Fields(config::Fields& f);
  void Validate(const config::Checker& check) const;
};

}  // namespace weir::extensions::health_check
