#include "net/http_answer_head.h"

namespace weir::net {

void AppendAnswerHead(const HttpResponse& response, const AnswerHead& head, std::string& out) {
  out += "HTTP/1.1 ";
  out += std::to_string(response.status);
  out += ' ';
  out += ReasonPhrase(response.status);
  out += "\r\n";
  if (!response.content_type.empty()) AppendHeaderLine("Content-Type", response.content_type, out);
  for (const auto& [name, value] : response.headers) AppendHeaderLine(name, value, out);
  out += head.fixed_headers;
  AppendHeaderLine("Date", head.date, out);
  if (response.status != 204 && response.status != 304) {
    AppendHeaderLine("Content-Length", std::to_string(response.body.size()), out);
  }
  if (head.close) {
    AppendHeaderLine("Connection", "close", out);
  } else if (head.keep_alive) {
    AppendHeaderLine("Connection", "keep-alive", out);
  }
  out += "\r\n";
}

}  // namespace weir::net
