#include "net/http_message.h"

#include <boost/beast/http/status.hpp>

namespace weir::net {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

bool SameHeaderName(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && Lower(a[i]) != Lower(b[i])) return false;
  }
  return true;
}

void AppendHeaderLine(std::string_view name, std::string_view value, std::string& out) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

std::string_view ReasonPhrase(int status) {
  const auto known = boost::beast::http::int_to_status(static_cast<unsigned>(status));
  if (known == boost::beast::http::status::unknown) return {};
  const auto text = boost::beast::http::obsolete_reason(known);
  return {text.data(), text.size()};
}

std::string_view HttpHead::Find(std::string_view name) const {
  for (const Header& header : headers) {
    if (SameHeaderName(header.first, name)) return header.second;
  }
  return {};
}

bool HttpHead::Has(std::string_view name) const {
  for (const Header& header : headers) {
    if (SameHeaderName(header.first, name)) return true;
  }
  return false;
}

HttpResponse HttpResponse::Text(int status, std::string_view body, std::string_view content_type) {
  return {status, content_type, {}, Slice::Copy(body)};
}

HttpResponse HttpResponse::PlainError(int status, std::string_view text) {
  HttpResponse response = Text(status, text);
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  return response;
}

}  // namespace weir::net
