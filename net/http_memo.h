// What a connection has parsed last, so that the same bytes need not be parsed again: a client
// sends one head over and over, a server one answer, both for as long as the connection lives.
//
// Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_client.h"
#include "net/http_message.h"

namespace weir::net {

// The head of a request whose body has a Content-Length. Another head is the same when it differs
// in the digits of the length alone, and stands where the first one stood: so views into it stay
// true.
class HttpHeadMemo {
 public:
  // Keeps `bytes`, from which `head` was parsed, or nothing when the body is not announced by one
  // length, plainly written.
  void Keep(std::string_view bytes, const HttpHead& head);
  // The Content-Length if `bytes` are the same head.
  std::optional<uint64_t> Match(std::string_view bytes) const;

 private:
  static constexpr size_t kMaxBytes = 2048;
  static constexpr size_t kMaxDigits = 18;

  const char* place_ = nullptr;
  std::string bytes_;  // empty: nothing is kept
  size_t digits_at_ = 0;
  size_t digits_ = 0;
};

// A whole answer, body and all, of a server that keeps the connection.
class HttpAnswerMemo {
 public:
  void Keep(std::string_view bytes, const ClientResponse& answer);
  // Null unless `bytes` are the same answer.
  const ClientResponse* Match(std::string_view bytes) const;

  static constexpr size_t kMaxBytes = 1024;

 private:
  std::string bytes_;  // empty: nothing is kept
  ClientResponse answer_;
};

}  // namespace weir::net
