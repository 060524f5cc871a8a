// The head of an HTTP/1.1 answer as text.
#pragma once

#include <string>
#include <string_view>

#include "net/http_message.h"

namespace weir::net {

// What a connection knows beside the answer itself.
struct AnswerHead {
  std::string_view fixed_headers;  // lines with their ends
  std::string_view date;           // IMF-fixdate
  bool close = false;              // the connection ends behind the answer
  bool keep_alive = false;         // to be said: the client speaks HTTP/1.0
};

// Appends status line, headers and the empty line. The length is that of `response.body`, also
// when it is not sent (HEAD).
void AppendAnswerHead(const HttpResponse& response, const AnswerHead& head, std::string& out);

}  // namespace weir::net
