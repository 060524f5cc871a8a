// A grpc::ByteBuffer around bytes that are compressed already (net/grpc_client/byte_buffer_peer.h).
#pragma once

#include <grpc/byte_buffer.h>
#include <grpc/slice.h>
#include <grpcpp/support/byte_buffer.h>

#include <string>

#include "net/grpc_client/byte_buffer_peer.h"

namespace weir::bench {

// A copy of `bytes` as a message; `is_gzip` says that they are a gzip member.
inline grpc::ByteBuffer MessageOf(const std::string& bytes, bool is_gzip) {
  grpc_slice slice = grpc_slice_from_copied_buffer(bytes.data(), bytes.size());
  grpc::ByteBuffer buffer;
  grpc::internal::GrpcByteBufferPeer::Set(
      buffer, grpc_raw_compressed_byte_buffer_create(
                  &slice, 1, is_gzip ? GRPC_COMPRESS_GZIP : GRPC_COMPRESS_NONE));
  grpc_slice_unref(slice);
  return buffer;
}

// Whether a message that was received raw is compressed.
inline bool IsGzip(grpc::ByteBuffer& buffer) {
  const grpc_byte_buffer* raw = grpc::internal::GrpcByteBufferPeer::Get(buffer);
  return raw != nullptr && raw->data.raw.compression == GRPC_COMPRESS_GZIP;
}

}  // namespace weir::bench
