#include "tests/support/raw_http.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace weir::tests {

std::string RawResponse::Header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

RawHttp::RawHttp(uint16_t port) {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    close(fd_);
    fd_ = -1;
  }
  set_patience(std::chrono::seconds(10));
}

RawHttp::~RawHttp() {
  if (fd_ >= 0) close(fd_);
}

void RawHttp::set_patience(std::chrono::milliseconds patience) {
  timeval time{};
  time.tv_sec = patience.count() / 1000;
  time.tv_usec = patience.count() % 1000 * 1000;
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time));
}

bool RawHttp::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool RawHttp::ReadMore() {
  char block[16384];
  const ssize_t got = recv(fd_, block, sizeof(block), 0);
  if (got <= 0) return false;
  pending_.append(block, static_cast<size_t>(got));
  return true;
}

std::optional<RawResponse> RawHttp::Receive(bool bodyless) {
  RawResponse response;
  size_t end;
  while ((end = pending_.find("\r\n\r\n")) == std::string::npos) {
    if (!ReadMore()) return std::nullopt;
  }
  const std::string head = pending_.substr(0, end + 2);
  pending_.erase(0, end + 4);
  response.status = std::stoi(head.substr(9, 3));
  for (size_t at = head.find("\r\n") + 2; at < head.size();) {
    const size_t line_end = head.find("\r\n", at);
    const std::string line = head.substr(at, line_end - at);
    const size_t colon = line.find(": ");
    response.headers.emplace(line.substr(0, colon), line.substr(colon + 2));
    at = line_end + 2;
  }
  const std::string length = response.Header("Content-Length");
  const size_t size = length.empty() || bodyless ? 0 : std::stoul(length);
  while (pending_.size() < size) {
    if (!ReadMore()) return std::nullopt;
  }
  response.body = pending_.substr(0, size);
  pending_.erase(0, size);
  return response;
}

bool RawHttp::ClosedByServer() {
  char byte;
  return pending_.empty() && recv(fd_, &byte, 1, 0) == 0;
}

std::string PostRequest(std::string_view path, std::string_view header_lines,
                        std::string_view body) {
  std::string request = "POST ";
  request.append(path).append(" HTTP/1.1\r\nHost: test\r\n").append(header_lines);
  request.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
  return request.append(body);
}

}  // namespace weir::tests
