#include "net/grpc_server/grpc_message.h"

#include <grpcpp/support/slice.h>

#include <optional>
#include <utility>
#include <vector>

#include "net/url.h"

// Exported by gRPC's library and declared in none of its public headers: the message's compressed
// flag, and the encoding when it is one of gRPC's own.
uint32_t grpc_call_test_only_get_message_flags(grpc_call* call);
grpc_compression_algorithm grpc_call_test_only_get_compression_algorithm(grpc_call* call);

namespace weir::net {
namespace {

constexpr uint32_t kCompressedFlag = 0x80000000;

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

Result<Encoding> EncodingOf(grpc_call* call, std::string_view message) {
  const grpc_compression_algorithm known = grpc_call_test_only_get_compression_algorithm(call);
  const auto not_installed = [](std::string_view what) {
    return weir::Fail(
        {StatusCode::kUnimplemented,
         "grpc: Decompressor is not installed for grpc-encoding" + std::string(what)});
  };
  if (known == GRPC_COMPRESS_DEFLATE) return not_installed(" \"deflate\"");
  if ((grpc_call_test_only_get_message_flags(call) & kCompressedFlag) == 0) return Encoding::kNone;
  if (message.starts_with(kZstdMagic)) return Encoding::kZstd;
  if (message.starts_with(kSnappyMagic)) return Encoding::kSnappyFramed;
  if (known == GRPC_COMPRESS_GZIP || message.starts_with(kGzipMagic)) return Encoding::kGzip;
  return not_installed("; gzip, zstd and framed snappy are");
}

std::string PeerAddress(std::string_view grpc_peer) {
  if (grpc_peer.starts_with("ipv4:")) return std::string(grpc_peer.substr(5));
  if (!grpc_peer.starts_with("ipv6:")) return {};
  return PercentDecode(grpc_peer.substr(5)).value_or(std::string());
}

}  // namespace weir::net
