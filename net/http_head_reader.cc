#include "net/http_head_reader.h"

#include <boost/asio/buffer.hpp>

namespace weir::net {

std::string_view HttpHeadReader::Read(std::string_view bytes) {
  if (const std::optional<uint64_t> length = memo_.Match(bytes)) {
    content_length_ = *length;
    return {};
  }
  boost::system::error_code error;
  head_.headers.clear();
  parser_.emplace(head_);
  parser_->put(boost::asio::buffer(bytes.data(), bytes.size()), error);
  if (error || !parser_->is_header_done()) return "400 Bad Request";
  if (const std::string_view wrong = Check(bytes); !wrong.empty()) return wrong;
  content_length_ = parser_->content_length().value_or(0);
  memo_.Keep(bytes, head_);
  const size_t question = head_.target.find('?');
  head_.path = head_.target.substr(0, question);
  head_.query =
      question == std::string_view::npos ? std::string_view() : head_.target.substr(question + 1);
  return {};
}

std::string_view HttpHeadReader::Check(std::string_view bytes) const {
  const char* begin = bytes.data();
  const char* end = begin + bytes.size();
  for (const auto& [name, value] : head_.headers) {
    // Folded values live in the parser's own memory; nobody may send them any more (RFC 9112 §5.2).
    if (!value.empty() && (value.data() < begin || value.data() >= end)) return "400 Bad Request";
  }
  if (parser_->version() >= 11 && !head_.Has("Host")) {
    return "400 Bad Request: missing required Host header";
  }
  return {};
}

}  // namespace weir::net
