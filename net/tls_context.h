// OpenSSL contexts made of TLS configuration; certificates are read again when reload_interval has
// passed.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/mutex.h"
#include "base/status.h"
#include "net/tls_config.h"

namespace weir::net {

using SslContext = boost::asio::ssl::context;

// The context for new connections of a server. Thread-safe.
class TlsServerContext {
 public:
  static Result<std::unique_ptr<TlsServerContext>> Make(const TlsServerConfig& config,
                                                        Logger logger);
  // Reads the files again first when it is time; on failure warns and keeps what it has.
  std::shared_ptr<SslContext> Current();

 private:
  TlsServerContext(TlsServerConfig config, Logger logger)
      : config_(std::move(config)), logger_(std::move(logger)) {}
  const TlsServerConfig config_;
  const Logger logger_;
  Mutex mutex_;
  std::shared_ptr<SslContext> context_ GUARDED_BY(mutex_);
  std::chrono::steady_clock::time_point reload_at_ GUARDED_BY(mutex_);
};

Result<std::shared_ptr<SslContext>> MakeServerContext(const TlsMaterial& material);
// `verify`: check the server's certificate.
Result<std::shared_ptr<SslContext>> MakeClientContext(const TlsMaterial& material, bool verify);

}  // namespace weir::net
