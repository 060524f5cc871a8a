#include "net/grpc_client/grpc_client_config.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <optional>

#include "net/endpoint.h"

namespace weir::net {
namespace {

using config::kOmitEmpty;

constexpr std::string_view kHttp = "http://";
constexpr std::string_view kHttps = "https://";
constexpr std::string_view kUnix = "unix://";

bool IsInteger(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// The name that a resolver of gRPC's is asked for: `x:1` of "dns://server/x:1?a#b". None when
// `endpoint` is not of that form.
std::optional<std::string_view> NameForResolver(std::string_view endpoint) {
  const size_t colon = endpoint.find("://");
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const std::string_view scheme = endpoint.substr(0, colon);
  const auto is_of_scheme = [](unsigned char c) {
    return std::isalnum(c) || c == '+' || c == '-' || c == '.';
  };
  if (!std::isalpha(static_cast<unsigned char>(scheme[0])) ||
      !std::all_of(scheme.begin(), scheme.end(), is_of_scheme)) {
    return std::nullopt;
  }
  const std::string_view rest = endpoint.substr(colon + 3);
  const std::string_view server = rest.substr(0, rest.find('/'));
  if (server.find(' ') != std::string_view::npos) return std::nullopt;
  std::string_view name = rest.substr(server.size());
  if (!name.empty()) name.remove_prefix(1);
  return name.substr(0, name.find_first_of("?#"));
}

// Why `endpoint` cannot be dialled, in the Collector's words; empty when it can.
std::string WrongEndpoint(const std::string& endpoint, std::string_view sanitized) {
  if (endpoint.starts_with(kUnix)) {
    return endpoint.size() == kUnix.size() ? "unix socket path cannot be empty" : "";
  }
  const bool stripped = sanitized.size() != endpoint.size();
  const std::string_view name =
      stripped ? sanitized : NameForResolver(endpoint).value_or(sanitized);
  if (name.empty()) return {};
  const Result<HostPort> parts = SplitHostPort(name);
  if (!parts) return parts.error().message();
  return IsInteger(parts->port) ? "" : "invalid port \"" + parts->port + "\"";
}

}  // namespace

void GrpcKeepaliveConfig::Fields(config::Fields& f) {
  f("time", time);
  f("timeout", timeout);
  f("permit_without_stream", permit_without_stream, kOmitEmpty);
}

std::string_view GrpcClientConfig::SanitizedEndpoint() const {
  std::string_view text = endpoint;
  for (const std::string_view scheme : {kHttp, kHttps}) {
    if (text.starts_with(scheme)) return text.substr(scheme.size());
  }
  return text;
}

bool GrpcClientConfig::secure() const {
  return !tls.insecure || tls.config.has_ca() || endpoint.starts_with(kHttps);
}

void GrpcClientConfig::Fields(config::Fields& f) {
  f("endpoint", endpoint, kOmitEmpty);
  f("compression", compression, kOmitEmpty);
  f("tls", tls, kOmitEmpty);
  f("keepalive", keepalive, kOmitEmpty);
  f("read_buffer_size", read_buffer_size, kOmitEmpty);
  f("write_buffer_size", write_buffer_size, kOmitEmpty);
  f("wait_for_ready", wait_for_ready, kOmitEmpty);
  f("headers", headers, kOmitEmpty);
  f("user_agent", user_agent, kOmitEmpty);
  f("balancer_name", balancer_name);
  f("authority", authority, kOmitEmpty);
  f("auth", auth, kOmitEmpty);
  f("middlewares", middlewares, kOmitEmpty);
}

void GrpcClientConfig::Validate(const config::Checker& check) const {
  if (std::string wrong = WrongEndpoint(endpoint, SanitizedEndpoint()); !wrong.empty()) {
    return check.Error(std::move(wrong));
  }
  const std::string balancer = Lower(balancer_name);
  if (!balancer.empty() && balancer != "round_robin" && balancer != "pick_first") {
    check.Error("invalid balancer_name: " + balancer_name);
  }
}

GrpcTarget GrpcTarget::Of(std::string_view endpoint) {
  GrpcTarget target;
  if (endpoint.starts_with(kUnix)) {
    const std::string_view path = endpoint.substr(kUnix.size());
    target.uri = (path.starts_with('/') ? "unix://" : "unix:") + std::string(path);
    return target;
  }
  constexpr std::string_view kPassthrough = "passthrough:///";
  const bool passthrough = endpoint.starts_with(kPassthrough);
  if (passthrough) endpoint.remove_prefix(kPassthrough.size());
  const bool resolver = endpoint.find("://") != std::string_view::npos;
  const std::string_view address = resolver ? endpoint.substr(endpoint.rfind('/') + 1) : endpoint;
  if (const Result<HostPort> parts = SplitHostPort(address)) {
    target.host = parts->host.empty() ? "localhost" : parts->host;
    target.port = parts->port;
  }
  if (resolver) {
    target.uri = endpoint;
  } else if (target.host.empty()) {
    target.uri = "dns:///" + std::string(endpoint);
  } else {
    target.uri = "dns:///" + JoinHostPort(target.host, target.port);
  }
  return target;
}

}  // namespace weir::net
