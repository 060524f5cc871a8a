#include "extensions/health_check/config.h"

namespace weir::extensions::health_check {

void ResponseBody::Fields(config::Fields& f) {
  f("healthy", healthy);
  f("unhealthy", unhealthy);
}

void CheckCollectorPipeline::Fields(config::Fields& f) {
  f("enabled", enabled);
  f("interval", interval);
  f("exporter_failure_threshold", exporter_failure_threshold);
}

net::HttpServerConfig LegacyConfig::DefaultServer() {
  net::HttpServerConfig server;
  server.endpoint = "localhost:13133";
  server.read_header_timeout = config::Duration(0);
  server.write_timeout = config::Duration(0);
  server.idle_timeout = config::Duration(0);
  server.keep_alives_enabled = false;
  return server;
}

void LegacyConfig::Fields(config::Fields& f) {
  f.Squash("serverconfig", server);
  f("path", path);
  f("response_body", response_body);
  f("check_collector_pipeline", check_collector_pipeline);
}

void VersionedConfig::Fields(config::Fields& f) {
  f.Squash("legacyconfig", legacy);
  f("use_v2", use_v2);
  f("grpc", grpc);
  f("http", http);
  f("component_health", component_health);
}

void VersionedConfig::Validate(const config::Checker& check) const {
  if (legacy.server.endpoint.empty()) return check.Error("http endpoint required");
  if (!legacy.path.starts_with('/')) check.Error("path must start with /");
}

void HealthCheckConfig::Fields(config::Fields& f) { f.Squash("config", versioned); }

void HealthCheckConfig::Validate(const config::Checker& check) const {
  if (versioned.grpc.is_null() && versioned.http.is_null()) return;
  check.Error(
      "v2 healthcheck configuration (http/grpc fields) detected but feature gate is disabled. "
      "Either remove the v2 config fields or enable the feature gate with: "
      "--feature-gates=+extension.healthcheck.useComponentStatus",
      "this program has the first version only: remove them");
}

}  // namespace weir::extensions::health_check
