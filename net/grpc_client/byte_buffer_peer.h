// The way into a grpc::ByteBuffer: GrpcByteBufferPeer is the friend that grpcpp declares for such
// purposes and leaves to others to define. Defined once, here, for everything in this program.
//
// gRPC sends a buffer that is marked as gzip as it is, with the compressed flag set, on a channel
// whose algorithm is gzip; the public interface cannot mark one.
#pragma once

#include <grpc/byte_buffer.h>
#include <grpcpp/support/byte_buffer.h>

namespace grpc::internal {
class GrpcByteBufferPeer {
 public:
  static void Set(ByteBuffer& buffer, grpc_byte_buffer* raw) { buffer.set_buffer(raw); }
  static grpc_byte_buffer* Get(ByteBuffer& buffer) { return buffer.c_buffer(); }
};
}  // namespace grpc::internal
