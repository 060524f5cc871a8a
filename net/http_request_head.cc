#include "net/http_request_head.h"

#include <algorithm>
#include <charconv>

#include "net/http_client_core.h"
#include "net/http_message.h"

namespace weir::net {
namespace {

bool Has(const ClientHeaders& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& header) { return SameHeaderName(header.first, name); });
}

void AppendContentLength(size_t size, std::string& out) {
  char digits[20];
  const char* end = std::to_chars(std::begin(digits), std::end(digits), size).ptr;
  AppendHeaderLine("Content-Length", {digits, static_cast<size_t>(end - digits)}, out);
}

}  // namespace

std::string CommonRequestHead(const ClientTarget& target, const ClientHeaders& replaced) {
  std::string out = target.method + " ";
  if (target.route.absolute) out += "http://" + target.url.HostHeader();
  out += target.url.Target() + " HTTP/1.1\r\n";
  if (!Has(target.headers, "Host") && !Has(replaced, "Host")) {
    AppendHeaderLine("Host", target.url.HostHeader(), out);
  }
  for (const auto& [name, value] : target.headers) {
    if (!Has(replaced, name)) AppendHeaderLine(name, value, out);
  }
  if (target.route.absolute && !target.route.proxy_credentials.empty()) {
    AppendHeaderLine("Proxy-Authorization", target.route.proxy_credentials, out);
  }
  return out;
}

void AppendRequestHead(const ClientRequest& request, const RequestHead& head, std::string& out) {
  const ClientTarget& target = *request.target;
  const bool is_common =
      std::none_of(request.headers.begin(), request.headers.end(), [&](const auto& header) {
        return Has(target.headers, header.first) || SameHeaderName(header.first, "Host");
      });
  out += is_common ? target.head : CommonRequestHead(target, request.headers);
  for (const auto& [name, value] : request.headers) AppendHeaderLine(name, value, out);
  if (!head.cookies.empty()) AppendHeaderLine("Cookie", head.cookies, out);
  if (head.close) AppendHeaderLine("Connection", "close", out);
  if (head.body_size > 0 || target.method == "POST" || target.method == "PUT") {
    AppendContentLength(head.body_size, out);
  }
  out += "\r\n";
}

}  // namespace weir::net
