// Where Go programs offer their profiles. This program is not one: what can honestly be given of it
// is, the rest is 501 with a hint to the tools that do it.
//
//   /debug/pprof/          an index
//   /debug/pprof/cmdline   the arguments, separated by NUL, as Go's
//   /debug/pprof/profile, heap, goroutine, ...   501
#pragma once

#include <string>

#include "extensions/pprof/config.h"
#include "net/http_server.h"
#include "pipeline/component.h"

namespace weir::extensions::pprof {

class Pprof final : public pipeline::Extension, public net::HttpHandler {
 public:
  // `config` outlives it.
  Pprof(const pipeline::Settings& settings, const PprofConfig& config);
  ~Pprof() override;

  Status Start(pipeline::Host& host) override;
  void Shutdown() override;
  uint16_t port() const { return server_.port(); }

  void OnRequest(net::HttpRequest request, net::HttpResponder responder) override;

 private:
  const pipeline::Settings settings_;
  const PprofConfig& config_;
  net::HttpServer server_;
};

}  // namespace weir::extensions::pprof
