#include "net/grpc_server/grpc_credentials.h"

#include <grpc/grpc_security.h>
#include <openssl/ssl.h>

#include <chrono>
#include <utility>

#include "base/mutex.h"
#include "net/tls_context.h"

namespace weir::net {
namespace {

// Read, and found to make a server: gRPC itself would fail without a word.
Result<TlsMaterial> LoadChecked(const TlsServerConfig& config) {
  Result<TlsMaterial> material = LoadTlsServer(config);
  if (!material) return material;
  if (auto context = MakeServerContext(*material); !context) return Fail(context.error());
  return material;
}

// The material of the next handshake. Called by gRPC from any of its threads.
class CertificateSource {
 public:
  CertificateSource(TlsServerConfig config, TlsMaterial material, Logger logger)
      : config_(std::move(config)), logger_(std::move(logger)), material_(std::move(material)) {
    Schedule();
  }

  grpc_ssl_client_certificate_request_type request_type() const {
    return config_.client_ca_file.empty()
               ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
               : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  }

  static grpc_ssl_certificate_config_reload_status Fetch(
      void* self, grpc_ssl_server_certificate_config** config) {
    return static_cast<CertificateSource*>(self)->Next(config);
  }

 private:
  grpc_ssl_certificate_config_reload_status Next(grpc_ssl_server_certificate_config** config)
      EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (given_ && !Reload()) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    given_ = true;
    const grpc_ssl_pem_key_cert_pair pair{material_.key_pem.c_str(), material_.cert_pem.c_str()};
    // gRPC insists on certificates to trust, also where it never asks clients for theirs.
    const std::string& ca =
        material_.client_ca_pem.empty() ? material_.cert_pem : material_.client_ca_pem;
    *config = grpc_ssl_server_certificate_config_create(ca.c_str(), &pair, 1);
    return *config == nullptr ? GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_FAIL
                              : GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  // Whether there is something new.
  bool Reload() REQUIRES(mutex_) {
    if (config_.config.reload_interval.count() <= 0 && !config_.client_ca_file_reload) return false;
    if (std::chrono::steady_clock::now() < reload_at_) return false;
    Schedule();
    Result<TlsMaterial> read = LoadChecked(config_);
    if (!read) {
      logger_.Warn("Failed to reload TLS certificates, the previous ones stay in use",
                   {{"error", read.error()}});
      return false;
    }
    if (!config_.client_ca_file_reload) read->client_ca_pem = material_.client_ca_pem;
    if (read->cert_pem == material_.cert_pem && read->key_pem == material_.key_pem &&
        read->client_ca_pem == material_.client_ca_pem) {
      return false;
    }
    material_ = std::move(*read);
    return true;
  }

  void Schedule() {
    reload_at_ = std::chrono::steady_clock::now() + config_.config.reload_interval;
  }

  const TlsServerConfig config_;
  const Logger logger_;
  Mutex mutex_;
  TlsMaterial material_ GUARDED_BY(mutex_);
  bool given_ GUARDED_BY(mutex_) = false;
  std::chrono::steady_clock::time_point reload_at_;  // by the constructor, then under mutex_
};

class FetchingCredentials final : public grpc::ServerCredentials {
 public:
  // `source` null: plain text.
  FetchingCredentials(std::unique_ptr<CertificateSource> source,
                      std::vector<std::shared_ptr<GrpcPool::Queue>> queues)
      : source_(std::move(source)), queues_(std::move(queues)) {
    if (source_ == nullptr) {
      credentials_ = grpc_insecure_server_credentials_create();
      return;
    }
    grpc_ssl_server_credentials_options* options =
        grpc_ssl_server_credentials_create_options_using_config_fetcher(
            source_->request_type(), &CertificateSource::Fetch, source_.get());
    credentials_ = grpc_ssl_server_credentials_create_with_options(options);
  }
  ~FetchingCredentials() override { grpc_server_credentials_release(credentials_); }

  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    for (const auto& queue : queues_) {
      grpc_server_register_completion_queue(server, queue->cq(), nullptr);
    }
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  std::unique_ptr<CertificateSource> source_;
  const std::vector<std::shared_ptr<GrpcPool::Queue>> queues_;
  grpc_server_credentials* credentials_ = nullptr;
};

Status CheckWhatGrpcCanDo(const TlsMaterial& material, const Logger& logger) {
  if (material.min_version > TLS1_2_VERSION) {
    return {StatusCode::kInvalidArgument,
            "failed to load TLS config: this build's gRPC always offers TLS 1.2; remove "
            "`min_version: \"1.3\"`"};
  }
  if (material.max_version != 0 && material.max_version < TLS1_3_VERSION) {
    logger.Warn("gRPC offers TLS 1.3 whatever `max_version` says");
  }
  if (!material.ciphers.empty() || !material.groups.empty()) {
    logger.Warn(
        "gRPC uses its own ciphers and curves; `cipher_suites` and `curve_preferences` have "
        "no effect");
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(
    const config::Optional<TlsServerConfig>& tls, const Logger& logger,
    std::vector<std::shared_ptr<GrpcPool::Queue>> queues) {
  if (!tls) return std::make_shared<FetchingCredentials>(nullptr, std::move(queues));
  Result<TlsMaterial> material = LoadChecked(*tls);
  if (!material) return Fail(std::move(material).error());
  if (Status able = CheckWhatGrpcCanDo(*material, logger); !able.ok()) return Fail(std::move(able));
  return std::make_shared<FetchingCredentials>(
      std::make_unique<CertificateSource>(*tls, std::move(*material), logger), std::move(queues));
}

}  // namespace weir::net
