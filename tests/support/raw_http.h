// A blocking HTTP/1.1 client for tests that says exactly the bytes it is told, broken ones too.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace weir::tests {

struct RawResponse {
  int status = 0;
  std::multimap<std::string, std::string> headers;  // names as sent
  std::string body;

  // Of the first header with exactly this name; empty when there is none.
  std::string Header(const std::string& name) const;
};

class RawHttp {
 public:
  // Connects to 127.0.0.1; a failed connection shows in ok().
  explicit RawHttp(uint16_t port);
  ~RawHttp();
  RawHttp(const RawHttp&) = delete;
  RawHttp& operator=(const RawHttp&) = delete;

  bool ok() const { return fd_ >= 0; }
  bool Send(std::string_view bytes);
  // One answer, a 100 Continue too; nothing when the server closed first or `patience` is over. `bodyless`: the answer
  // to HEAD.
  std::optional<RawResponse> Receive(bool bodyless = false);
  // Whether the server closes within `patience` without saying more.
  bool ClosedByServer();
  void set_patience(std::chrono::milliseconds patience);

 private:
  bool ReadMore();
  int fd_ = -1;
  std::string pending_;
};

// "POST /path HTTP/1.1" with Host, Content-Length and the given header lines ("A: b\r\n").
std::string PostRequest(std::string_view path, std::string_view header_lines,
                        std::string_view body);

}  // namespace weir::tests
