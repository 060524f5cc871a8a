// A gRPC server for tests: it takes any unary call, keeps what came and answers as told.
#pragma once

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace weir::tests {

struct BackendAnswer {
  grpc::Status status = {};  // with details as they stand in grpc-status-details-bin
  std::string body = {};
  bool held = false;  // none until the backend stops
};

struct BackendRequest {
  std::string method;
  std::string authority;
  std::multimap<std::string, std::string> metadata;
  std::string body;
  std::string Find(const std::string& name) const {
    const auto it = metadata.find(name);
    return it == metadata.end() ? "" : it->second;
  }
};

// google.rpc.Status in which a RetryInfo asks for `delay`, for grpc::Status's details.
std::string RetryDetails(int code, const std::string& message, std::chrono::nanoseconds delay);

class GrpcBackend {
 public:
  struct Options {
    std::string address = "127.0.0.1:0";  // or "unix:/path"
    std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials();
    bool inflates = true;  // false: the bodies are kept as they stand on the wire
  };

  GrpcBackend() : GrpcBackend(Options{}) {}
  explicit GrpcBackend(Options options);
  ~GrpcBackend();  // Stop()

  int port() const;
  std::string address() const { return "127.0.0.1:" + std::to_string(port()); }

  // Answers in turn, the last one for ever. At first: success with an empty message.
  void AnswerWith(std::vector<BackendAnswer> answers);
  std::vector<BackendRequest> requests() const;
  // Waits until `count` requests have come in all.
  void WaitForRequests(size_t count) const;
  // Ends what is held and closes every connection.
  void Stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir::tests
