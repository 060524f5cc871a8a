#include "net/grpc_client/grpc_credentials.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "net/endpoint.h"

namespace weir::net {
namespace {

using grpc::experimental::CertificateProviderInterface;
using grpc::experimental::FileWatcherCertificateProvider;
using grpc::experimental::IdentityKeyCertPair;
using grpc::experimental::StaticDataCertificateProvider;
using grpc::experimental::TlsChannelCredentialsOptions;

// Where Linux distributions keep the certificates they trust.
std::string SystemRoots() {
  constexpr std::array<const char*, 4> kPlaces = {
      "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
      "/etc/ssl/ca-bundle.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"};
  for (const char* place : kPlaces) {
    std::ifstream file(place, std::ios::binary);
    if (file) return std::string(std::istreambuf_iterator<char>(file), {});
  }
  return {};
}

// Whether gRPC itself can read the files again: it wants all of them as files.
bool CanWatch(const TlsConfig& tls) {
  return tls.reload_interval > config::Duration::zero() && tls.ca_pem.empty() &&
         !tls.cert_file.empty() && !tls.key_file.empty() && !tls.include_system_ca_certs_pool;
}

std::shared_ptr<CertificateProviderInterface> MakeProvider(const TlsConfig& tls,
                                                           const TlsMaterial& material) {
  if (CanWatch(tls)) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(tls.reload_interval);
    const auto interval = static_cast<unsigned>(std::clamp<int64_t>(seconds.count(), 1, 86400));
    return std::make_shared<FileWatcherCertificateProvider>(tls.key_file, tls.cert_file,
                                                            tls.ca_file, interval);
  }
  std::string roots = material.ca_pem;
  if (!roots.empty() && material.system_ca) roots += "\n" + SystemRoots();
  std::vector<IdentityKeyCertPair> pairs;
  if (!material.cert_pem.empty()) pairs.push_back({material.key_pem, material.cert_pem});
  if (roots.empty() && pairs.empty()) return nullptr;
  if (roots.empty()) return std::make_shared<StaticDataCertificateProvider>(pairs);
  return std::make_shared<StaticDataCertificateProvider>(roots, pairs);
}

void WarnOfLimits(const TlsConfig& tls, const Logger& logger) {
  const bool version = (!tls.min_version.empty() && tls.min_version != "1.2") ||
                       (!tls.max_version.empty() && tls.max_version != "1.3");
  if (version || !tls.cipher_suites.empty() || !tls.curve_preferences.empty()) {
    logger.Warn(
        "tls: min_version, max_version, cipher_suites and curve_preferences of a gRPC client have "
        "no effect; connections use TLS 1.2 or 1.3");
  }
  if (tls.reload_interval > config::Duration::zero() && tls.has_certificate() && !CanWatch(tls)) {
    logger.Warn(
        "tls: reload_interval of a gRPC client has no effect unless certificate, key and CA are "
        "all files; restart to use new ones");
  }
}

// Refuses what gRPC would only stumble over when it connects.
Status CheckPem(const TlsMaterial& material) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  if (!material.ca_pem.empty() && material.ca_pem.find(kBegin) == std::string::npos) {
    return {StatusCode::kInvalidArgument,
            "failed to load TLS config: failed to load CA CertPool PEM: failed to parse cert"};
  }
  for (const std::string* text : {&material.cert_pem, &material.key_pem}) {
    if (!text->empty() && text->find(kBegin) == std::string::npos) {
      return {StatusCode::kInvalidArgument,
              "failed to load TLS config: failed to load TLS cert and key PEMs: tls: failed to "
              "find any PEM data in certificate input"};
    }
  }
  return {};
}

// Whose certificate is asked for: the override, else the authority, else the endpoint's host.
std::string ServerName(const GrpcClientConfig& config) {
  if (!config.tls.server_name_override.empty()) return config.tls.server_name_override;
  if (const Result<HostPort> parts = SplitHostPort(config.authority)) return parts->host;
  return config.authority;
}

}  // namespace

Result<std::shared_ptr<grpc::ChannelCredentials>> MakeGrpcCredentials(
    const GrpcClientConfig& config, const GrpcTarget& target, const Logger& logger,
    grpc::ChannelArguments& arguments) {
  // Read in any case: a file that is missing is told even when it is not needed.
  Result<TlsMaterial> material = LoadTlsClient(config.tls);
  if (!material) return Fail(std::move(material).error());
  if (!config.secure()) return grpc::InsecureChannelCredentials();
  if (Status bad = CheckPem(*material); !bad.ok()) return Fail(std::move(bad));
  WarnOfLimits(config.tls.config, logger);

  TlsChannelCredentialsOptions options;
  if (auto provider = MakeProvider(config.tls.config, *material)) {
    options.set_certificate_provider(std::move(provider));
    if (!material->ca_pem.empty()) options.watch_root_certs();
    if (!material->cert_pem.empty()) options.watch_identity_key_cert_pairs();
  }
  if (config.tls.insecure_skip_verify) {
    options.set_verify_server_certs(false);
    options.set_check_call_host(false);
    options.set_certificate_verifier(
        std::make_shared<grpc::experimental::NoOpCertificateVerifier>());
  }
  std::string name = ServerName(config);
  // A socket has no name; as upstream, its server is `localhost`.
  if (name.empty() && target.local()) name = "localhost";
  if (!name.empty()) arguments.SetSslTargetNameOverride(name);
  return grpc::experimental::TlsCredentials(options);
}

}  // namespace weir::net
