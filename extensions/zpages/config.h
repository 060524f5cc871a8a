// Options of the zpages extension: those of an HTTP server, flat, and expvar.
#pragma once

#include <string>

#include "base/config/fields.h"
#include "net/http_config.h"

namespace weir::extensions::zpages {

// Go's variables; there are none to show here. Read and without effect.
struct ExpvarConfig {
  static constexpr std::string_view kTypeName = "zpagesextension.ExpvarConfig";
  bool enabled = false;
  void Fields(config::Fields& f);
};

struct ZpagesConfig {
  static constexpr std::string_view kTypeName = "zpagesextension.Config";
  net::HttpServerConfig server = DefaultServer();
  ExpvarConfig expvar;
  void Fields(config::Fields& f);
  void Validate(const config::Checker& check) const;

 private:
  static net::HttpServerConfig DefaultServer();
};

}  // namespace weir::extensions::zpages
