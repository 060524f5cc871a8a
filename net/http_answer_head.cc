#include "net/http_answer_head.h"

namespace weir::net {
namespace {

void AppendLine(std::string_view name, std::string_view value, std::string& out) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

}  // namespace

void AppendAnswerHead(const HttpResponse& response, const AnswerHead& head, std::string& out) {
  out += "HTTP/1.1 ";
  out += std::to_string(response.status);
  out += ' ';
  out += ReasonPhrase(response.status);
  out += "\r\n";
  if (!response.content_type.empty()) AppendLine("Content-Type", response.content_type, out);
  for (const auto& [name, value] : response.headers) AppendLine(name, value, out);
  out += head.fixed_headers;
  AppendLine("Date", head.date, out);
  if (response.status != 204 && response.status != 304) {
    AppendLine("Content-Length", std::to_string(response.body.size()), out);
  }
  if (head.close) {
    AppendLine("Connection", "close", out);
  } else if (head.keep_alive) {
    AppendLine("Connection", "keep-alive", out);
  }
  out += "\r\n";
}

}  // namespace weir::net
