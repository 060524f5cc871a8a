// Reads the heads of one connection's requests, one after the other, into one HttpHead.
//
// Boost.Beast parses; a head that is the same as the last one is not parsed again. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "net/http_head_parser.h"
#include "net/http_memo.h"
#include "net/http_message.h"

namespace weir::net {

class HttpHeadReader {
 public:
  // `head` outlives the reader.
  explicit HttpHeadReader(HttpHead& head) : head_(head) {}

  // Reads `bytes`, a whole head with its blank line, of which `head` then has views. Empty, or the
  // answer's text when it is no request.
  std::string_view Read(std::string_view bytes);

  // Of the head read last.
  uint64_t content_length() const { return content_length_; }
  bool chunked() const { return parser_->chunked(); }
  bool keep_alive() const { return parser_->keep_alive(); }
  // 10 or 11; 11 before the first.
  int version() const { return parser_ ? parser_->version() : 11; }
  // For its chunked body.
  HttpHeadParser& parser() { return *parser_; }

 private:
  std::string_view Check(std::string_view bytes) const;

  HttpHead& head_;
  std::optional<HttpHeadParser> parser_;  // of the last head that was parsed
  HttpHeadMemo memo_;                     // of the same, if of any
  uint64_t content_length_ = 0;
};

}  // namespace weir::net
