// One pull reader: an HTTP server with /metrics and the pages that the program adds.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/byte_budget.h"
#include "base/log.h"
#include "base/status.h"
#include "net/http_server.h"

namespace weir::app {

// A page of a pull reader: its media type, a literal, and who writes it. Any thread.
struct Page {
  std::string_view content_type;
  std::function<std::string()> render;
};
using Pages = std::map<std::string, Page>;  // by path

class PageServer final : public net::HttpHandler {
 public:
  // `memory` outlives the server. Opens nothing. Requests have no body to speak of: 64 KiB.
  PageServer(std::string endpoint, Pages pages, ByteBudget& memory, const Logger& logger);
  ~PageServer() override;

  // `binding address 127.0.0.1:8888 for Prometheus exporter: listen tcp ...` when it cannot listen.
  Status Start();
  // Lets an answer that is being written end. Twice is once.
  void Shutdown();
  uint16_t port() const { return server_.port(); }

  void OnRequest(net::HttpRequest request, net::HttpResponder responder) override;

 private:
  const std::string endpoint_;
  const Pages pages_;
  net::HttpServer server_;
};

}  // namespace weir::app
