#include "net/url.h"

#include <algorithm>
#include <cctype>

#include "base/quote.h"

namespace weir::net {
namespace {

Status ParseError(std::string_view text, std::string_view why) {
  return {StatusCode::kInvalidArgument, "parse " + Quoted(text) + ": " + std::string(why)};
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The first broken escape in `text`, up to three characters of it; empty when there is none.
std::string_view BrokenEscape(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') continue;
    if (i + 2 >= text.size() || HexDigit(text[i + 1]) < 0 || HexDigit(text[i + 2]) < 0) {
      return text.substr(i, 3);
    }
  }
  return {};
}

bool IsPort(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// host[:port] into `url`; the reason when it is wrong.
std::string ParseHost(std::string_view text, Url& url) {
  std::string_view port;
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    if (close == std::string_view::npos) return "missing ']' in host";
    url.host = text.substr(1, close - 1);
    url.ipv6 = true;
    port = text.substr(close + 1);
    if (!port.empty() && port[0] != ':') {
      return "invalid port \"" + std::string(port) + "\" after host";
    }
  } else {
    const size_t colon = text.find(':');
    url.host = text.substr(0, colon);
    if (colon != std::string_view::npos) port = text.substr(colon);
  }
  if (!port.empty()) {
    if (!IsPort(port.substr(1))) return "invalid port \"" + std::string(port) + "\" after host";
    url.port = port.substr(1);
  }
  if (url.host.find(' ') != std::string::npos) return "invalid character \" \" in host name";
  return {};
}

}  // namespace

std::optional<std::string> PercentDecode(std::string_view text) {
  if (!BrokenEscape(text).empty()) return std::nullopt;
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      out += static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string Url::port_or_default() const {
  if (!port.empty()) return port;
  return scheme == "https" ? "443" : "80";
}

std::string Url::Authority() const {
  return (ipv6 ? "[" + host + "]" : host) + ":" + port_or_default();
}

std::string Url::HostHeader() const {
  const std::string bare = ipv6 ? "[" + host + "]" : host;
  return port.empty() ? bare : bare + ":" + port;
}

std::string Url::Target() const {
  std::string target = path.empty() ? "/" : path;
  if (!query.empty()) target += "?" + query;
  return target;
}

std::string Url::ToString() const {
  std::string text = scheme + "://" + HostHeader() + path;
  if (!query.empty()) text += "?" + query;
  return text;
}

Result<Url> ParseUrl(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      return Fail(ParseError(text, "net/url: invalid control character in URL"));
    }
  }
  std::string_view rest = text.substr(0, text.find('#'));
  Url url;
  const size_t colon = rest.find(':');
  const size_t slash = rest.find('/');
  if (colon == 0) return Fail(ParseError(text, "missing protocol scheme"));
  if (colon != std::string_view::npos && colon < slash) {
    const std::string_view scheme = rest.substr(0, colon);
    const bool valid = std::isalpha(static_cast<unsigned char>(scheme[0])) != 0 &&
                       std::all_of(scheme.begin(), scheme.end(), [](char c) {
                         return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' ||
                                c == '-' || c == '.';
                       });
    if (!valid) return Fail(ParseError(text, "first path segment in URL cannot contain colon"));
    for (const char c : scheme) {
      url.scheme += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    rest.remove_prefix(colon + 1);
  }
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
    rest.remove_prefix(authority.size());
    if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
      const auto decoded = PercentDecode(authority.substr(0, at));
      if (!decoded) return Fail(ParseError(text, "net/url: invalid userinfo"));
      url.userinfo = *decoded;
      authority.remove_prefix(at + 1);
    }
    if (const std::string why = ParseHost(authority, url); !why.empty()) {
      return Fail(ParseError(text, why));
    }
  }
  const size_t question = rest.find('?');
  url.path = rest.substr(0, question);
  if (question != std::string_view::npos) url.query = rest.substr(question + 1);
  if (const std::string_view bad = BrokenEscape(url.path); !bad.empty()) {
    return Fail(ParseError(text, "invalid URL escape \"" + std::string(bad) + "\""));
  }
  return url;
}

}  // namespace weir::net
