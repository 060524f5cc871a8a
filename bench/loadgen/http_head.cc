#include "bench/loadgen/http_head.h"

#include <strings.h>

#include <charconv>

namespace weir::bench {
namespace {

template <typename T>
T Number(std::string_view text, T otherwise) {
  std::from_chars(text.data(), text.data() + text.size(), otherwise);
  return otherwise;
}

bool Same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

void ReadField(std::string_view line, HttpHead& head) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string_view name = line.substr(0, colon);
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  if (Same(name, "content-length")) {
    head.content_length = Number<uint64_t>(value, 0);
  } else if (Same(name, "transfer-encoding")) {
    head.is_chunked = Same(value, "chunked");
  } else if (Same(name, "content-encoding")) {
    head.is_gzip = Same(value, "gzip");
  } else if (Same(name, "retry-after")) {
    head.retry_after_seconds = Number<int64_t>(value, 0);
  } else if (Same(name, "connection")) {
    head.wants_close = Same(value, "close");
  } else if (Same(name, "expect")) {
    head.expects_continue = true;
  }
}

}  // namespace

bool ParseHttpHead(std::string_view bytes, HttpHead& head) {
  const size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return false;
  head = HttpHead{};
  head.size = end + 4;
  size_t line_end = bytes.find("\r\n");
  const std::string_view first = bytes.substr(0, line_end);
  const size_t space = first.find(' ');
  if (space != std::string_view::npos) {
    head.method = first.substr(0, space);
    const std::string_view rest = first.substr(space + 1);
    head.target = rest.substr(0, rest.find(' '));
    head.status = Number<int>(head.target, 0);
  }
  while (line_end < end) {
    const size_t start = line_end + 2;
    line_end = bytes.find("\r\n", start);
    ReadField(bytes.substr(start, line_end - start), head);
  }
  return true;
}

}  // namespace weir::bench
