// What the parts of a gRPC server share. Not for use outside this folder.
#pragma once

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/mutex.h"
#include "net/grpc_pool/grpc_pool.h"
#include "net/grpc_server/grpc_server.h"

namespace weir::net {

// How large the messages of each client were lately, so that the next one's room can be reserved.
// Bounded; forgets everything when full. Thread-safe.
class RecentSizes {
 public:
  size_t Of(const std::string& peer) const EXCLUDES(mutex_);
  // Larger counts at once, smaller by a quarter of the difference.
  void Note(const std::string& peer, size_t size) EXCLUDES(mutex_);

 private:
  static constexpr size_t kPeersMax = 4096;
  mutable Mutex mutex_;
  std::unordered_map<std::string, size_t> sizes_ GUARDED_BY(mutex_);
};

// gRPC's own machinery runs while one of these lives. Its log, which is one for the process, goes
// to the latest `logger` as warnings; what it says of metadata it does not know (an encoding, say)
// is left out.
class GrpcLibrary {
 public:
  explicit GrpcLibrary(Logger logger);
  ~GrpcLibrary();
  GrpcLibrary(const GrpcLibrary&) = delete;
  GrpcLibrary& operator=(const GrpcLibrary&) = delete;
};

struct GrpcServerCore;

// Held by a call from its headers until the handler has it, or it failed: Shutdown waits for these.
class Entering {
 public:
  explicit Entering(GrpcServerCore& core);
  ~Entering();
  Entering(const Entering&) = delete;
  Entering& operator=(const Entering&) = delete;

 private:
  GrpcServerCore& core_;
};

struct GrpcServerCore {
  GrpcServerCore(GrpcServerConfig c, GrpcHandler& h, ByteBudget& b, Logger l)
      : config(std::move(c)), handler(h), budget(b), logger(std::move(l)) {}

  // From Start on; a call that is held by a responder may outlive the server.
  std::unique_ptr<GrpcLibrary> library;
  // gRPC asks them for certificates as long as there are connections.
  std::shared_ptr<grpc::ServerCredentials> credentials;
  const GrpcServerConfig config;
  GrpcHandler& handler;
  ByteBudget& budget;
  const Logger logger;
  grpc::AsyncGenericService service;
  // Of the pool, set before any call exists. Held here, because a call may outlive the pool.
  std::vector<std::shared_ptr<GrpcPool::Queue>> queues;
  RecentSizes recent;
  std::atomic<int> waiting{0};   // calls that wait for memory
  std::atomic<int> entering{0};  // calls between their headers and the end of OnRequest
  std::atomic<bool> stopping{false};
  // From Start on. Events of calls that nobody made come after Shutdown from the pool's queues, and
  // gRPC looks at their server once more: it goes with the last call.
  std::shared_ptr<grpc::Server> server;
};

inline Entering::Entering(GrpcServerCore& core) : core_(core) { core_.entering.fetch_add(1); }
inline Entering::~Entering() {
  if (core_.entering.fetch_sub(1) == 1) core_.entering.notify_all();
}

}  // namespace weir::net
