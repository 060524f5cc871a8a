#include "net/proxy.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "net/endpoint.h"

namespace weir::net {
namespace {

using Address = std::array<uint8_t, 16>;  // IPv4 as ::ffff:a.b.c.d

std::optional<Address> ParseAddress(const std::string& text) {
  Address address{};
  if (inet_pton(AF_INET6, text.c_str(), address.data()) == 1) return address;
  address[10] = address[11] = 0xff;
  if (inet_pton(AF_INET, text.c_str(), &address[12]) == 1) return address;
  return std::nullopt;
}

bool IsLoopback(const std::string& host) {
  if (host == "localhost") return true;
  const auto address = ParseAddress(host);
  if (!address) return false;
  if ((*address)[10] == 0xff) return (*address)[12] == 127;
  Address loopback{};
  loopback[15] = 1;
  return *address == loopback;
}

// Whether `rule`, "10.0.0.0/8" or "fd00::/8", holds `host`.
bool InNetwork(const std::string& rule, const std::string& host) {
  const size_t slash = rule.find('/');
  if (slash == std::string::npos) return false;
  const auto network = ParseAddress(rule.substr(0, slash));
  const auto address = ParseAddress(host);
  if (!network || !address) return false;
  int bits = 0;
  std::from_chars(rule.data() + slash + 1, rule.data() + rule.size(), bits);
  if (rule.find(':') == std::string::npos) bits += 96;
  for (int i = 0; i < bits && i < 128; ++i) {
    const auto byte = static_cast<size_t>(i / 8);
    const int mask = 0x80 >> i % 8;
    if (((*network)[byte] & mask) != ((*address)[byte] & mask)) return false;
  }
  return true;
}

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// One entry of NO_PROXY against a host (lower case) and port.
bool RuleMatches(std::string rule, const std::string& host, const std::string& port) {
  if (rule == "*") return true;
  if (InNetwork(rule, host)) return true;
  if (const auto parts = SplitHostPort(rule); parts && !parts->port.empty()) {
    if (parts->port != port) return false;
    rule = parts->host;
  }
  if (const auto address = ParseAddress(rule)) return address == ParseAddress(host);
  if (rule.starts_with("*.")) rule.erase(0, 1);
  if (rule.starts_with('.')) return host.ends_with(rule);
  return host == rule || host.ends_with("." + rule);
}

Result<std::optional<Url>> ParseProxy(const std::string& text) {
  if (text.empty()) return std::optional<Url>();
  Result<Url> url = ParseUrl(text);
  if (!url) return Fail(std::move(url).error());
  // "host:port" without a scheme means http.
  if (url->host.empty()) url = ParseUrl("http://" + text);
  if (!url) return Fail(std::move(url).error());
  if (url->scheme != "http") {
    return Fail(Status(StatusCode::kInvalidArgument,
                       "proxies of scheme \"" + url->scheme + "\" are not supported, use http"));
  }
  return std::optional<Url>(std::move(*url));
}

}  // namespace

std::string ProxyRules::ProcessEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

Result<ProxyRules> ProxyRules::Make(const std::string& proxy_url, const Environment& environment) {
  const auto either = [&](const char* upper, const char* lower) {
    std::string value = environment(upper);
    return value.empty() ? environment(lower) : value;
  };
  ProxyRules rules;
  rules.fixed_ = !proxy_url.empty();
  Result<std::optional<Url>> http =
      ParseProxy(rules.fixed_ ? proxy_url : either("HTTP_PROXY", "http_proxy"));
  if (!http) return Fail(std::move(http).error());
  Result<std::optional<Url>> https =
      ParseProxy(rules.fixed_ ? proxy_url : either("HTTPS_PROXY", "https_proxy"));
  if (!https) return Fail(std::move(https).error());
  rules.http_ = std::move(*http);
  rules.https_ = std::move(*https);
  std::string list = rules.fixed_ ? "" : Lower(either("NO_PROXY", "no_proxy"));
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    std::string rule = list.substr(0, comma);
    std::erase(rule, ' ');
    if (!rule.empty()) rules.no_proxy_.push_back(std::move(rule));
    list.erase(0, comma + 1);
  }
  return rules;
}

bool ProxyRules::Excluded(const Url& url) const {
  const std::string host = Lower(url.host);
  if (IsLoopback(host)) return true;
  return std::any_of(no_proxy_.begin(), no_proxy_.end(), [&](const std::string& rule) {
    return RuleMatches(rule, host, url.port_or_default());
  });
}

const Url* ProxyRules::For(const Url& url) const {
  const std::optional<Url>& proxy = url.scheme == "https" ? https_ : http_;
  if (!proxy || (!fixed_ && Excluded(url))) return nullptr;
  return &*proxy;
}

}  // namespace weir::net
