#include "net/grpc_server/grpc_message.h"

#include <grpcpp/support/slice.h>

#include <optional>
#include <utility>
#include <vector>

#include "net/url.h"

namespace weir::net {
namespace {

constexpr std::string_view kGzipMagic("\x1f\x8b", 2);
constexpr std::string_view kZstdMagic("\x28\xb5\x2f\xfd", 4);
constexpr std::string_view kSnappyMagic("\xff\x06\x00\x00sNaPpY", 10);

}  // namespace

Slice TakeMessage(grpc::ByteBuffer& buffer, Charge charge) {
  MutableBuffer out(buffer.Length(), std::move(charge));
  std::vector<grpc::Slice> parts;
  (void)buffer.Dump(&parts);  // fails for an empty buffer only
  for (const grpc::Slice& part : parts) {
    out.Append({reinterpret_cast<const char*>(part.begin()), part.size()});
  }
  parts.clear();
  buffer.Clear();
  return std::move(out).Freeze();
}

grpc::ByteBuffer MakeReply(const Slice& reply) {
  const grpc::Slice slice(reply.data(), reply.size());
  return {&slice, 1};
}

Encoding DetectEncoding(std::string_view message) {
  if (message.starts_with(kGzipMagic)) return Encoding::kGzip;
  if (message.starts_with(kZstdMagic)) return Encoding::kZstd;
  if (message.starts_with(kSnappyMagic)) return Encoding::kSnappyFramed;
  return Encoding::kNone;
}

std::string PeerAddress(std::string_view grpc_peer) {
  if (grpc_peer.starts_with("ipv4:")) return std::string(grpc_peer.substr(5));
  if (!grpc_peer.starts_with("ipv6:")) return {};
  return PercentDecode(grpc_peer.substr(5)).value_or(std::string());
}

}  // namespace weir::net
