#include "net/grpc_client/raw_buffer.h"

#include <grpc/slice.h>

#include <vector>

#include "net/grpc_client/byte_buffer_peer.h"

namespace weir::net {
namespace {

// Below this a copy costs less than two allocations and a shared reference.
constexpr size_t kCopyMax = 512;

grpc_slice Share(const Slice& part) {
  if (part.size() <= kCopyMax) {
    return grpc_slice_from_copied_buffer(reinterpret_cast<const char*>(part.data()), part.size());
  }
  auto* held = new Slice(part);  // released by gRPC through the function below
  return grpc_slice_new_with_user_data(
      const_cast<uint8_t*>(held->data()), held->size(),
      [](void* slice) { delete static_cast<Slice*>(slice); }, held);
}

}  // namespace

grpc::ByteBuffer MakeMessage(std::span<const Slice> parts, bool gzip) {
  std::vector<grpc_slice> slices;
  slices.reserve(parts.size());
  for (const Slice& part : parts) slices.push_back(Share(part));
  grpc::ByteBuffer message;
  grpc::internal::GrpcByteBufferPeer::Set(
      message, grpc_raw_compressed_byte_buffer_create(
                   slices.data(), slices.size(), gzip ? GRPC_COMPRESS_GZIP : GRPC_COMPRESS_NONE));
  for (const grpc_slice& slice : slices) grpc_slice_unref(slice);
  return message;
}

Slice FlattenMessage(grpc::ByteBuffer& message) {
  if (!message.Valid() || message.Length() == 0) return {};
  MutableBuffer flat(message.Length());
  std::vector<grpc::Slice> pieces;
  if (!message.Dump(&pieces).ok()) return {};
  for (const grpc::Slice& piece : pieces) {
    flat.Append({reinterpret_cast<const char*>(piece.begin()), piece.size()});
  }
  return std::move(flat).Freeze();
}

}  // namespace weir::net
