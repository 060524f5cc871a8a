#include "net/grpc_client/grpc_answer.h"

#include <optional>
#include <string>
#include <string_view>

#include "net/endpoint.h"
#include "net/status_mapping.h"

namespace weir::net {
namespace {

// The text between `before` and `after` (or the end).
std::optional<std::string_view> Between(std::string_view text, std::string_view before,
                                        std::string_view after) {
  const size_t start = text.find(before);
  if (start == std::string_view::npos) return std::nullopt;
  text.remove_prefix(start + before.size());
  return after.empty() ? text : text.substr(0, text.find(after));
}

// "Connection refused" as Go spells it.
std::string LowerFirst(std::string_view text) {
  std::string out(text);
  if (!out.empty() && out[0] >= 'A' && out[0] <= 'Z') out[0] = static_cast<char>(out[0] + 32);
  return out;
}

// "ipv4:127.0.0.1:4317" → "tcp 127.0.0.1:4317", "unix:/run/x" → "unix /run/x".
std::string DialledAddress(std::string_view uri) {
  for (const std::string_view scheme : {"ipv4:", "ipv6:"}) {
    if (!uri.starts_with(scheme)) continue;
    std::string address(uri.substr(scheme.size()));
    for (size_t at = address.find("%5B"); at != std::string::npos; at = address.find("%5B")) {
      address.replace(at, 3, "[");
    }
    for (size_t at = address.find("%5D"); at != std::string::npos; at = address.find("%5D")) {
      address.replace(at, 3, "]");
    }
    return "tcp " + address;
  }
  if (uri.starts_with("unix:")) return "unix " + std::string(uri.substr(5));
  return std::string(uri);
}

// gRPC: failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: Failed to
// connect to remote host: Connection refused
// Go: connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:1: connect:
// connection refused"
std::optional<std::string> DialError(std::string_view text) {
  constexpr std::string_view kFailed = ": Failed to connect to remote host: ";
  const auto last = Between(text, "last error: ", "");
  if (!last) return std::nullopt;
  const size_t colon = last->find(": ");
  const size_t failed = last->find(kFailed);
  if (colon == std::string_view::npos || failed == std::string_view::npos || failed < colon) {
    return "connection error: desc = \"" + std::string(*last) + "\"";
  }
  const std::string_view address = last->substr(colon + 2, failed - colon - 2);
  const std::string_view why = last->substr(failed + kFailed.size());
  return "connection error: desc = \"transport: Error while dialing: dial " +
         DialledAddress(address) + ": connect: " + LowerFirst(why) + "\"";
}

// The transport's own failures; the server's texts pass as they are.
std::string InGoWords(const grpc::Status& status, const CallEnd& end) {
  const std::string& text = status.error_message();
  switch (status.error_code()) {
    case grpc::StatusCode::CANCELLED:
      return end.shut_down ? "grpc: the client connection is closing" : text;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return end.deadline_passed && text == "Deadline Exceeded" ? "context deadline exceeded"
                                                                : text;
    case grpc::StatusCode::UNAVAILABLE:
      if (auto dial = DialError(text)) return *std::move(dial);
      if (text == "Socket closed") return "error reading from server: EOF";
      return text;
    default:
      return text;
  }
}

}  // namespace

Status ToStatus(const grpc::Status& status, const CallEnd& end) {
  const std::string& details = status.error_details();
  const int code = static_cast<int>(status.error_code());
  if (!details.empty()) {
    std::optional<RpcStatus> rpc = DecodeRpcStatus(details);
    if (rpc && rpc->code == code) {
      if (rpc->message.empty()) rpc->message = status.error_message();
      return ToStatus(*rpc, details);
    }
  }
  RpcStatus plain;
  plain.code = code;
  plain.message = InGoWords(status, end);
  const Status own = ToStatus(plain, {});
  return own.WithWireStatus(EncodeRpcStatus(own));
}

}  // namespace weir::net
