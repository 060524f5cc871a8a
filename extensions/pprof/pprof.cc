#include "extensions/pprof/pprof.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <utility>

namespace weir::extensions::pprof {
namespace {

constexpr std::string_view kRoot = "/debug/pprof/";
constexpr std::array<std::string_view, 9> kGoProfiles = {
    "profile", "heap", "allocs", "goroutine", "threadcreate", "block", "mutex", "trace", "symbol"};

net::HttpServerConfig ServerConfig(const PprofConfig& config) {
  net::HttpServerConfig server;
  server.endpoint = config.endpoint;
  return server;
}

// The arguments as the kernel keeps them, without the NUL at the end; empty when it does not tell.
std::string CommandLine() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (text.ends_with('\0')) text.pop_back();
  return text;
}

std::string Hint() {
  const std::string pid = std::to_string(getpid());
  return "CPU:    perf record -g -p " + pid + " -- sleep 30 && perf report\n" + "stacks: gdb -p " +
         pid + " -batch -ex 'thread apply all bt'\n" +
         "memory: otelcol_process_* and weir_memory_* on the page of own metrics\n";
}

net::HttpResponse NotAvailable(std::string_view profile) {
  return net::HttpResponse::Text(501, "The profile \"" + std::string(profile) +
                                          "\" belongs to Go's runtime; this program is not written "
                                          "in Go. Instead:\n" +
                                          Hint());
}

net::HttpResponse Index() {
  return net::HttpResponse::Text(200,
                                 "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                                 "<title>/debug/pprof/</title></head>\n<body>\n"
                                 "<h1>/debug/pprof/</h1>\n"
                                 "<p><a href=\"cmdline\">cmdline</a>: the command line</p>\n"
                                 "<p>Profiles of Go's runtime do not exist here. Instead:</p>\n"
                                 "<pre>" +
                                     Hint() + "</pre>\n</body></html>\n",
                                 "text/html; charset=utf-8");
}

net::HttpResponse PageOf(std::string_view path) {
  if (path.starts_with(kRoot)) {
    const std::string_view name = path.substr(kRoot.size());
    if (name.empty()) return Index();
    if (name == "cmdline") return net::HttpResponse::Text(200, CommandLine());
    if (std::find(kGoProfiles.begin(), kGoProfiles.end(), name) != kGoProfiles.end())
      return NotAvailable(name);
  }
  return net::HttpResponse::PlainError(404, "404 page not found\n");
}

}  // namespace

Pprof::Pprof(const pipeline::Settings& settings, const PprofConfig& config)
    : settings_(settings),
      config_(config),
      server_(ServerConfig(config), *this, settings.memory, settings.logger) {}

Pprof::~Pprof() { Shutdown(); }

Status Pprof::Start(pipeline::Host&) {
  settings_.logger.Info("Starting net/http/pprof server", {{"endpoint", config_.endpoint}});
  const bool profiling = config_.block_profile_fraction != 0 ||
                         config_.mutex_profile_fraction != 0 || !config_.save_to_file.empty();
  if (profiling) {
    settings_.logger.Warn(
        "Profiles of Go's runtime do not exist in this program: block_profile_fraction, "
        "mutex_profile_fraction and save_to_file have no effect; use perf");
  }
  return server_.Start();
}

void Pprof::Shutdown() { server_.Shutdown(std::chrono::seconds(1)); }

void Pprof::OnRequest(net::HttpRequest request, net::HttpResponder responder) {
  responder.Respond(PageOf(request.head->path));
}

}  // namespace weir::extensions::pprof
