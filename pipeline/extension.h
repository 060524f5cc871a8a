// Roles an extension can play for other components, found with dynamic_cast on Host::FindExtension.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "base/unique_function.h"
#include "pipeline/component.h"
#include "pipeline/consumer.h"

namespace weir::pipeline {

using Headers = std::vector<std::pair<std::string, std::string>>;  // names in lower case

// Decides who may send. Failure: kUnauthenticated with the text the client sees.
class ServerAuthenticator {
 public:
  virtual ~ServerAuthenticator() = default;
  // Fills `client.auth` and `client.authenticated`. Any thread; does not block.
  virtual Status Authenticate(const Headers& headers, ClientInfo& client) = 0;
};

// Adds credentials to outgoing requests.
class ClientAuthenticator {
 public:
  virtual ~ClientAuthenticator() = default;
  virtual Result<Headers> Credentials() = 0;
  // Credentials must not travel in clear text over gRPC.
  virtual bool requires_transport_security() const { return true; }
};

// Looks at a request before its body is read, as `middlewares` of a server. A failure refuses it.
class ServerMiddleware {
 public:
  virtual ~ServerMiddleware() = default;
  virtual Status Admit() = 0;
};

// An ordered log of records on disk, one per exporter and signal: what a persistent queue needs.
class StorageClient {
 public:
  // A record's place; grows with every append.
  using Sequence = uint64_t;
  virtual ~StorageClient() = default;

  // Appends a record (the parts one behind the other) and calls `durable` once it is on disk (after
  // a shared fsync), or with a retryable failure when it cannot be (disk full, poisoned). Never
  // blocks.
  virtual void Append(std::vector<Slice> parts, UniqueFunction<void(Result<Sequence>)> durable) = 0;
  // Marks a record as delivered; its space is freed when everything before it is delivered too.
  // Takes effect on disk a little later: after a crash a delivered record may come back, an
  // undelivered one is never missing.
  virtual void Delivered(Sequence sequence) = 0;
  // Reads the next undelivered records at or behind `from` in order, charged to the process budget:
  // as many as `bytes_max` allows, one at least; empty when there is none. May block on the disk:
  // call it on the executor. A damaged record is skipped and counted, never returned.
  struct Record {
    Sequence sequence;
    Slice bytes;
  };
  virtual Result<std::vector<Record>> Read(Sequence from, size_t bytes_max) = 0;
  // Undelivered records and bytes right after opening and since.
  virtual uint64_t record_count() const = 0;
  virtual uint64_t size_bytes() const = 0;
  virtual Sequence first_undelivered() const = 0;
  // Flushes and closes the files; called once, by the owner, when nothing is in flight.
  virtual void Close() = 0;
};

class StorageExtension {
 public:
  virtual ~StorageExtension() = default;
  // The client for one component; `name` is the signal or empty. Its files are named
  // `kind_type_name_signal`.
  virtual Result<std::unique_ptr<StorageClient>> Open(ComponentKind kind, const ComponentId& id,
                                                      std::string_view name) = 0;
};

// Hears when the pipelines are ready and when they stop being so (health_check).
class PipelineWatcher {
 public:
  virtual ~PipelineWatcher() = default;
  virtual void PipelinesReady() = 0;
  virtual void PipelinesNotReady() = 0;
};

}  // namespace weir::pipeline
