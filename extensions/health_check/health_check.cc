#include "extensions/health_check/health_check.h"

#include <array>
#include <ctime>
#include <utility>

#include "net/status_mapping.h"

namespace weir::extensions::health_check {
namespace {

using std::chrono::nanoseconds;

int64_t Nanos(Clock::Wall time) {
  return std::chrono::duration_cast<nanoseconds>(time.time_since_epoch()).count();
}

// As Go's RFC3339Nano: no zeros at the end of the fraction, "Z" or "+01:00".
std::string Rfc3339Nano(Clock::Wall time) {
  constexpr int64_t kSecond = 1'000'000'000;
  const int64_t ns = Nanos(time);
  const std::time_t seconds = ns / kSecond;
  std::tm local{};
  localtime_r(&seconds, &local);
  std::array<char, 32> text;
  std::string out(text.data(),
                  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &local));
  if (ns % kSecond != 0) {
    std::string fraction = std::to_string(kSecond + ns % kSecond);
    fraction[0] = '.';
    fraction.erase(fraction.find_last_not_of('0') + 1);
    out += fraction;
  }
  if (local.tm_gmtoff == 0) return out + "Z";
  std::string zone(text.data(), std::strftime(text.data(), text.size(), "%z", &local));
  return out + zone.insert(3, ":");
}

}  // namespace

std::string HealthJson(bool ready, Clock::Wall up_since, Clock::Wall now) {
  if (!ready) {
    return R"({"status":"Server not available","upSince":"0001-01-01T00:00:00Z","uptime":""})";
  }
  return R"({"status":"Server available","upSince":")" + Rfc3339Nano(up_since) + R"(","uptime":")" +
         config::FormatDuration(nanoseconds(Nanos(now) - Nanos(up_since))) + "\"}";
}

HealthCheck::HealthCheck(const pipeline::Settings& settings, const HealthCheckConfig& config)
    : settings_(settings),
      config_(config.legacy()),
      server_(config_.server, *this, settings.memory, settings.logger) {}

HealthCheck::~HealthCheck() { Shutdown(); }

Status HealthCheck::Start(pipeline::Host& host) {
  const net::HttpServerConfig& server = config_.server;
  WEIR_RETURN_IF_ERROR(
      guard_.Find(host, server.auth ? server.auth->config.authenticator : "", server.middlewares));
  settings_.logger.Info("Starting health_check extension",
                        {{"endpoint", server.endpoint}, {"path", config_.path}});
  Status started = server_.Start();
  if (started.ok()) return started;
  return started.WithPrefix("failed to bind to address " + server.endpoint + ": ");
}

void HealthCheck::Shutdown() { server_.Shutdown(std::chrono::seconds(1)); }

void HealthCheck::SetReady(bool ready) {
  const int64_t now = Nanos(settings_.executor.clock().WallNow());
  int64_t before = up_since_ns_.load();
  // Ready twice keeps the first time.
  while (!up_since_ns_.compare_exchange_weak(before, ready ? (before != 0 ? before : now) : 0)) {
  }
  settings_.logger.Info("Health Check state change", {{"status", ready ? "ready" : "unavailable"}});
}

// As Go's mux matches a pattern: exactly, or below it when it ends with a slash.
bool HealthCheck::Serves(std::string_view path) const {
  return path == config_.path || (config_.path.back() == '/' && path.starts_with(config_.path));
}

std::optional<net::HttpResponse> HealthCheck::Authorize(const net::HttpHead& head,
                                                        std::shared_ptr<void>&) {
  pipeline::ClientInfo client;
  client.address = head.peer;
  const Status allowed = guard_.Authenticate(head.headers, client);
  if (!allowed.ok()) return net::HttpResponse::PlainError(401, "Unauthorized\n");
  return std::nullopt;
}

std::optional<net::HttpResponse> HealthCheck::Route(const net::HttpHead& head) {
  if (const Status admitted = guard_.Admit(); !admitted.ok()) {
    const int status = net::HttpStatusOf(admitted.code());
    return net::HttpResponse::PlainError(status, std::string(net::ReasonPhrase(status)) + "\n");
  }
  if (!Serves(head.path)) return net::HttpResponse::PlainError(404, "404 page not found\n");
  return std::nullopt;
}

void HealthCheck::OnRequest(net::HttpRequest, net::HttpResponder responder) {
  const int64_t up_since = up_since_ns_.load();
  const bool ready = up_since != 0;
  const int status = ready ? 200 : 503;
  if (config_.response_body) {
    const ResponseBody& body = *config_.response_body;
    return responder.Respond(
        net::HttpResponse::Text(status, ready ? body.healthy : body.unhealthy));
  }
  const Clock::Wall since{std::chrono::duration_cast<Clock::Wall::duration>(nanoseconds(up_since))};
  responder.Respond(net::HttpResponse::Text(
      status, HealthJson(ready, since, settings_.executor.clock().WallNow()), "application/json"));
}

}  // namespace weir::extensions::health_check
