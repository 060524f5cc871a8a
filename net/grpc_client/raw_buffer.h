// grpc::ByteBuffer made of our slices without copying them, and of bytes that are compressed
// already (net/grpc_client/byte_buffer_peer.h).
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <span>

#include "base/slice.h"

namespace weir::net {

// The parts one behind the other as one message. Large parts are shared: gRPC holds a reference
// until they are on the wire. `gzip` says that they are a gzip stream.
grpc::ByteBuffer MakeMessage(std::span<const Slice> parts, bool gzip);

// The bytes of a message in a block of our own, uncharged; empty for none.
Slice FlattenMessage(grpc::ByteBuffer& message);

}  // namespace weir::net
