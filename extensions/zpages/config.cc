#include "extensions/zpages/config.h"

namespace weir::extensions::zpages {

void ExpvarConfig::Fields(config::Fields& f) { f("enabled", enabled); }

net::HttpServerConfig ZpagesConfig::DefaultServer() {
  net::HttpServerConfig server;
  server.endpoint = "localhost:55679";
  return server;
}

void ZpagesConfig::Fields(config::Fields& f) {
  f.Squash("serverconfig", server);
  f("expvar", expvar);
}

void ZpagesConfig::Validate(const config::Checker& check) const {
  if (server.endpoint.empty())
    check.Error("\"endpoint\" is required when using the \"zpages\" extension");
}

}  // namespace weir::extensions::zpages
