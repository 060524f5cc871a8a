// A gRPC client for tests: one unary call at a time, raw bytes in and out.
#pragma once

#include <grpc/byte_buffer.h>
#include <grpc/slice.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/grpc_client/byte_buffer_peer.h"

namespace weir::tests {

// What was written before a request was sent can be read by its handler, and what the handler wrote
// by who has the answer. ThreadSanitizer does not know that a socket orders, so both sides of it
// call this: RawGrpc around a call, handlers of tests when they begin and before they answer.
inline void OrderBySocket() {
  static std::atomic<int> order{0};
  order.fetch_add(1);
}

struct RawGrpcAnswer {
  int code = 0;
  std::string message;
  std::string details;  // grpc-status-details-bin
  std::string body;
};

class RawGrpc {
 public:
  using Metadata = std::vector<std::pair<std::string, std::string>>;

  // `address` as gRPC has it: "127.0.0.1:4317", "unix:/path". One connection of its own.
  explicit RawGrpc(
      const std::string& address, grpc_compression_algorithm compression = GRPC_COMPRESS_NONE,
      std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials())
      : stub_(Connect(address, compression, credentials)) {}

  RawGrpcAnswer Call(const std::string& method, std::string_view body,
                     const Metadata& metadata = {}) {
    const grpc::Slice slice(body.data(), body.size());
    return Send(method, grpc::ByteBuffer(&slice, 1), metadata);
  }
  // `body` as it is, with the compressed flag set; for a connection with GRPC_COMPRESS_GZIP.
  RawGrpcAnswer CallCompressed(const std::string& method, std::string_view body) {
    grpc_slice slice = grpc_slice_from_copied_buffer(body.data(), body.size());
    grpc::ByteBuffer buffer;
    grpc::internal::GrpcByteBufferPeer::Set(
        buffer, grpc_raw_compressed_byte_buffer_create(&slice, 1, GRPC_COMPRESS_GZIP));
    grpc_slice_unref(slice);
    return Send(method, buffer, {});
  }

 private:
  RawGrpcAnswer Send(const std::string& method, const grpc::ByteBuffer& request,
                     const Metadata& metadata) {
    OrderBySocket();
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    for (const auto& [name, value] : metadata) context.AddMetadata(name, value);
    grpc::CompletionQueue queue;
    auto reader = stub_.PrepareUnaryCall(&context, method, request, &queue);
    reader->StartCall();
    grpc::ByteBuffer reply;
    grpc::Status status;
    reader->Finish(&reply, &status, this);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    queue.Shutdown();
    while (queue.Next(&tag, &ok)) {
    }
    OrderBySocket();
    return {static_cast<int>(status.error_code()), status.error_message(), status.error_details(),
            Text(reply)};
  }

  static std::shared_ptr<grpc::Channel> Connect(
      const std::string& address, grpc_compression_algorithm compression,
      const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxSendMessageSize(-1);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    arguments.SetCompressionAlgorithm(compression);
    return grpc::CreateCustomChannel(address, credentials, arguments);
  }

  static std::string Text(const grpc::ByteBuffer& buffer) {
    std::vector<grpc::Slice> parts;
    if (!buffer.Valid() || !buffer.Dump(&parts).ok()) return {};
    std::string text;
    for (const grpc::Slice& part : parts) {
      text.append(reinterpret_cast<const char*>(part.begin()), part.size());
    }
    return text;
  }

  grpc::GenericStub stub_;
};

}  // namespace weir::tests
