#include "net/grpc_client/grpc_answer.h"

#include <optional>
#include <string>
#include <string_view>

#include "net/status_mapping.h"

namespace weir::net {
namespace {

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

// What happened to an address, in gRPC's words and in Go's:
//
//   ipv4:127.0.0.1:1: Failed to connect to remote host: Connection refused
//   transport: Error while dialing: dial tcp 127.0.0.1:1: connect: connection refused
//
//   ipv4:127.0.0.1:1: Tls handshake failed: SSL_ERROR_SSL: ...
//   transport: authentication handshake failed: SSL_ERROR_SSL: ...
std::string DialWords(std::string_view what) {
  constexpr std::string_view kTcp = ": Failed to connect to remote host: ";
  constexpr std::string_view kTls = ": Tls handshake failed: ";
  if (const size_t tls = what.find(kTls); tls != std::string_view::npos) {
    return "transport: authentication handshake failed: " +
           std::string(what.substr(tls + kTls.size()));
  }
  std::string_view between = kTcp;
  size_t at = what.find(between);
  if (at == std::string_view::npos && what.starts_with("unix:")) {
    between = ": ";
    at = what.find(between);
  }
  if (at == std::string_view::npos) return "transport: " + std::string(what);
  return "transport: Error while dialing: dial " + DialledAddress(what.substr(0, at)) +
         ": connect: " + LowerFirst(what.substr(at + between.size()));
}

// gRPC: failed to connect to all addresses; last error: UNKNOWN: <address>: <what>
// Go:   connection error: desc = "..."
std::optional<std::string> DialError(std::string_view text) {
  constexpr std::string_view kLast = "last error: ";
  const size_t last = text.find(kLast);
  if (last == std::string_view::npos) return std::nullopt;
  text.remove_prefix(last + kLast.size());
  const size_t colon = text.find(": ");
  if (colon != std::string_view::npos) text.remove_prefix(colon + 2);  // the code's name
  return "connection error: desc = \"" + DialWords(text) + "\"";
}

// How a connection ended under a call.
std::optional<std::string> ReadError(std::string_view text) {
  constexpr std::string_view kReceive = "recvmsg:";
  if (text == "Socket closed") return "error reading from server: EOF";
  if (!text.starts_with(kReceive)) return std::nullopt;
  return "error reading from server: read: " + LowerFirst(text.substr(kReceive.size()));
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
      if (auto read = ReadError(text)) return *std::move(read);
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
