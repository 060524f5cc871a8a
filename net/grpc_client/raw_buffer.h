// grpc::ByteBuffer made of our slices without copying them, and of bytes that are compressed
// already, which the public interface cannot make.
//
// gRPC sends a buffer that is marked as gzip as it is, with the compressed flag set, on a channel
// whose algorithm is gzip. GrpcByteBufferPeer is the friend that grpcpp declares for such purposes
// and leaves to others to define.
#pragma once

#include <grpc/byte_buffer.h>
#include <grpcpp/support/byte_buffer.h>

#include <span>

#include "base/slice.h"

namespace grpc::internal {
class GrpcByteBufferPeer {
 public:
  static void Set(ByteBuffer& buffer, grpc_byte_buffer* raw) { buffer.set_buffer(raw); }
  static grpc_byte_buffer* Get(ByteBuffer& buffer) { return buffer.c_buffer(); }
};
}  // namespace grpc::internal

namespace weir::net {

// The parts one behind the other as one message. Large parts are shared: gRPC holds a reference
// until they are on the wire. `gzip` says that they are a gzip stream.
grpc::ByteBuffer MakeMessage(std::span<const Slice> parts, bool gzip);

// The bytes of a message in a block of our own, uncharged; empty for none.
Slice FlattenMessage(grpc::ByteBuffer& message);

}  // namespace weir::net
