#include "net/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <boost/asio/buffer.hpp>
#include <utility>

namespace weir::net {
namespace {

using boost::system::error_code;

Status LoadError(std::string_view what, const error_code& error) {
  return {StatusCode::kInvalidArgument,
          "failed to load TLS config: " + std::string(what) + ": " + error.message()};
}

// Adds every certificate of `pem` to the trusted ones; how many there were.
int AddTrusted(SSL_CTX* context, std::string_view pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  int count = 0;
  while (X509* certificate = PEM_read_bio_X509_AUX(bio, nullptr, nullptr, nullptr)) {
    X509_STORE_add_cert(store, certificate);
    X509_free(certificate);
    ++count;
  }
  ERR_clear_error();
  BIO_free(bio);
  return count;
}

Status UsePair(SslContext& context, const TlsMaterial& material) {
  if (material.cert_pem.empty()) return {};
  error_code error;
  context.use_certificate_chain(boost::asio::buffer(material.cert_pem), error);
  if (error) return LoadError("failed to load TLS cert and key: tls", error);
  context.use_private_key(boost::asio::buffer(material.key_pem), SslContext::pem, error);
  if (error) return LoadError("failed to load TLS cert and key: tls", error);
  if (SSL_CTX_check_private_key(context.native_handle()) != 1) {
    return {StatusCode::kInvalidArgument,
            "failed to load TLS config: failed to load TLS cert and key: tls: private key does not "
            "match public key"};
  }
  return {};
}

Status UseParameters(SslContext& context, const TlsMaterial& material) {
  SSL_CTX* native = context.native_handle();
  SSL_CTX_set_min_proto_version(native, material.min_version);
  SSL_CTX_set_max_proto_version(native, material.max_version);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  if (!material.ciphers.empty() && SSL_CTX_set_cipher_list(native, material.ciphers.c_str()) != 1) {
    return {StatusCode::kInvalidArgument,
            "failed to load TLS config: OpenSSL has none of the cipher suites " + material.ciphers};
  }
  if (!material.groups.empty() && SSL_CTX_set1_groups_list(native, material.groups.c_str()) != 1) {
    return {StatusCode::kInvalidArgument,
            "failed to load TLS config: OpenSSL does not know the curves " + material.groups};
  }
  return UsePair(context, material);
}

Status UseTrust(SslContext& context, const TlsMaterial& material) {
  error_code error;
  if (material.system_ca) context.set_default_verify_paths(error);
  if (!material.ca_pem.empty() && AddTrusted(context.native_handle(), material.ca_pem) == 0) {
    return {StatusCode::kInvalidArgument,
            "failed to load TLS config: failed to load CA CertPool PEM: failed to parse cert"};
  }
  return {};
}

Status RequireClientCertificate(SslContext& context, const TlsMaterial& material) {
  if (material.client_ca_pem.empty()) return {};
  if (AddTrusted(context.native_handle(), material.client_ca_pem) == 0) {
    return {StatusCode::kInvalidArgument,
            "failed to load TLS config: failed to load client CA CertPool: failed to parse cert"};
  }
  error_code error;
  context.set_verify_mode(
      boost::asio::ssl::verify_peer | boost::asio::ssl::verify_fail_if_no_peer_cert, error);
  return {};
}

// Of the protocols that a client offers over ALPN, HTTP/1.1 is the one we speak.
int ChooseHttp1(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                unsigned in_size, void*) {
  static constexpr unsigned char kHttp1[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kHttp1, sizeof(kHttp1) - 1, in, in_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

Result<std::shared_ptr<SslContext>> MakeServerContext(const TlsMaterial& material) {
  auto context = std::make_shared<SslContext>(SslContext::tls_server);
  if (Status used = UseParameters(*context, material); !used.ok()) return Fail(std::move(used));
  if (Status used = RequireClientCertificate(*context, material); !used.ok()) {
    return Fail(std::move(used));
  }
  SSL_CTX_set_session_cache_mode(context->native_handle(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context->native_handle(), &ChooseHttp1, nullptr);
  return context;
}

Result<std::shared_ptr<SslContext>> MakeClientContext(const TlsMaterial& material, bool verify) {
  auto context = std::make_shared<SslContext>(SslContext::tls_client);
  if (Status used = UseParameters(*context, material); !used.ok()) return Fail(std::move(used));
  if (Status used = UseTrust(*context, material); !used.ok()) return Fail(std::move(used));
  error_code error;
  context->set_verify_mode(verify ? boost::asio::ssl::verify_peer : boost::asio::ssl::verify_none,
                           error);
  return context;
}

Result<std::unique_ptr<TlsServerContext>> TlsServerContext::Make(const TlsServerConfig& config,
                                                                 Logger logger) {
  Result<TlsMaterial> material = LoadTlsServer(config);
  if (!material) return Fail(std::move(material).error());
  Result<std::shared_ptr<SslContext>> context = MakeServerContext(*material);
  if (!context) return Fail(std::move(context).error());
  std::unique_ptr<TlsServerContext> made(new TlsServerContext(config, std::move(logger)));
  MutexLock lock(made->mutex_);
  made->context_ = std::move(*context);
  made->reload_at_ = std::chrono::steady_clock::now() + config.config.reload_interval;
  return made;
}

std::shared_ptr<SslContext> TlsServerContext::Current() {
  MutexLock lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (config_.config.reload_interval.count() <= 0 || now < reload_at_) return context_;
  reload_at_ = now + config_.config.reload_interval;
  Result<TlsMaterial> material = LoadTlsServer(config_);
  if (material) {
    if (Result<std::shared_ptr<SslContext>> context = MakeServerContext(*material)) {
      context_ = std::move(*context);
      return context_;
    }
  }
  logger_.Warn("TLS certificate could not be read again; the old one stays in use",
               {{"cert_file", config_.config.cert_file}});
  return context_;
}

}  // namespace weir::net
