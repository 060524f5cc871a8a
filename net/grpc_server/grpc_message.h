// Messages as gRPC keeps them, and as ours. Not for use outside this folder.
#pragma once

#include <grpc/grpc.h>
#include <grpcpp/support/byte_buffer.h>

#include <string>
#include <string_view>

#include "base/byte_budget.h"
#include "base/slice.h"
#include "base/status.h"
#include "net/compression/compression.h"

namespace weir::net {

// The message in one block that carries `charge`, which covers it; gRPC's slices are released.
// Flattening costs a copy, and gives back gRPC's 8 KiB slices at once.
Slice TakeMessage(grpc::ByteBuffer& buffer, Charge charge);

// A reply; the bytes are copied, replies are small.
grpc::ByteBuffer MakeReply(const Slice& reply);

// How the message that `call` just received is encoded: kNone, kGzip, kZstd or kSnappyFramed.
// kUnimplemented in the Collector's words for any other encoding, as far as gRPC tells its name.
Result<Encoding> EncodingOf(grpc_call* call, std::string_view message);

// "127.0.0.1:51234" of gRPC's "ipv4:127.0.0.1:51234", "[::1]:51234" of "ipv6:%5B::1%5D:51234";
// empty for other kinds of sockets.
std::string PeerAddress(std::string_view grpc_peer);

}  // namespace weir::net
