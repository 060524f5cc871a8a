// TLS as the Collector configures it (its configtls package), and the material behind it.
//
// The structs are plain configuration; LoadTls*() reads files and checks them at start, with the
// Collector's words. net/tls_context.h makes OpenSSL contexts of them; the gRPC door takes the PEM
// texts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/config/fields.h"
#include "base/status.h"

namespace weir::net {

struct TpmConfig {
  static constexpr std::string_view kTypeName = "configtls.TPMConfig";
  bool enabled = false;
  std::string path;
  std::string owner_auth;
  std::string auth;
  void Fields(config::Fields& f);
};

// What both sides share.
struct TlsConfig {
  static constexpr std::string_view kTypeName = "configtls.Config";
  std::string ca_file;    // certificates to trust, PEM; empty with ca_pem empty: the system's
  config::Secret ca_pem;  // the same as text
  bool include_system_ca_certs_pool = false;
  std::string cert_file;  // our certificate chain
  config::Secret cert_pem;
  std::string key_file;  // its private key
  config::Secret key_pem;
  std::string min_version;                 // "1.0" to "1.3"; empty: 1.2
  std::string max_version;                 // empty: the newest
  std::vector<std::string> cipher_suites;  // Go's names, of TLS 1.2 and below
  bool include_insecure_cipher_suites = false;
  std::vector<std::string> curve_preferences;  // P256, P384, P521, X25519, X25519MLKEM768
  config::Duration reload_interval{0};         // of certificate and key; 0: never
  TpmConfig tpm;

  bool has_ca() const { return !ca_file.empty() || !ca_pem.empty(); }
  bool has_certificate() const { return !cert_file.empty() || !cert_pem.empty(); }
  bool has_key() const { return !key_file.empty() || !key_pem.empty(); }

  void Fields(config::Fields& f);
  void Validate(const config::Checker& check) const;
  // The first mistake in the Collector's words, empty when there is none.
  std::string FirstMistake() const;
};

struct TlsServerConfig {
  static constexpr std::string_view kTypeName = "configtls.ServerConfig";
  TlsConfig config;
  std::string client_ca_file;  // set: clients must show a certificate signed by one of these
  bool client_ca_file_reload = false;

  void Fields(config::Fields& f);
  void Validate(const config::Checker& check) const;
};

struct TlsClientConfig {
  static constexpr std::string_view kTypeName = "configtls.ClientConfig";
  TlsConfig config;
  bool insecure = false;  // plain text, unless a CA is given
  bool insecure_skip_verify = false;
  std::string server_name_override;

  void Fields(config::Fields& f);
  void Validate(const config::Checker& check) const;
};

// Files as read, and names as numbers.
struct TlsMaterial {
  std::string ca_pem;    // of those to trust; empty: the system's
  std::string cert_pem;  // empty: none
  std::string key_pem;
  std::string client_ca_pem;  // servers: not empty = client certificates are required
  bool system_ca = false;     // trust the system's too
  int min_version = 0;        // OpenSSL's TLS1_2_VERSION, ...; 0: no bound
  int max_version = 0;
  std::string ciphers;  // OpenSSL's names with ':' between; empty: its defaults
  std::string groups;   // likewise for curves
};

// Reads and checks everything. kInvalidArgument with `failed to load TLS config: ...` in the
// Collector's words.
Result<TlsMaterial> LoadTlsServer(const TlsServerConfig& config);
Result<TlsMaterial> LoadTlsClient(const TlsClientConfig& config);

}  // namespace weir::net
