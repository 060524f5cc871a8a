#include "net/tls_config.h"

#include <openssl/ssl.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "net/endpoint.h"

namespace weir::net {
namespace {

using config::kOmitEmpty;

constexpr std::array<std::pair<std::string_view, int>, 4> kVersions = {{{"1.0", TLS1_VERSION},
                                                                        {"1.1", TLS1_1_VERSION},
                                                                        {"1.2", TLS1_2_VERSION},
                                                                        {"1.3", TLS1_3_VERSION}}};

struct Cipher {
  std::string_view go_name;
  std::string_view openssl_name;  // empty: of TLS 1.3, not configurable
  bool insecure = false;
};
constexpr Cipher kCiphers[] = {
    {"TLS_AES_128_GCM_SHA256", ""},
    {"TLS_AES_256_GCM_SHA384", ""},
    {"TLS_CHACHA20_POLY1305_SHA256", ""},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA"},
    {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"},
    {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"},
    {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"},
    {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"},
    {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"},
    {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"},
    {"TLS_RSA_WITH_RC4_128_SHA", "RC4-SHA", true},
    {"TLS_RSA_WITH_3DES_EDE_CBC_SHA", "DES-CBC3-SHA", true},
    {"TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA", true},
    {"TLS_RSA_WITH_AES_256_CBC_SHA", "AES256-SHA", true},
    {"TLS_RSA_WITH_AES_128_CBC_SHA256", "AES128-SHA256", true},
    {"TLS_RSA_WITH_AES_128_GCM_SHA256", "AES128-GCM-SHA256", true},
    {"TLS_RSA_WITH_AES_256_GCM_SHA384", "AES256-GCM-SHA384", true},
    {"TLS_ECDHE_ECDSA_WITH_RC4_128_SHA", "ECDHE-ECDSA-RC4-SHA", true},
    {"TLS_ECDHE_RSA_WITH_RC4_128_SHA", "ECDHE-RSA-RC4-SHA", true},
    {"TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", "ECDHE-RSA-DES-CBC3-SHA", true},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", "ECDHE-ECDSA-AES128-SHA256", true},
    {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", "ECDHE-RSA-AES128-SHA256", true},
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kCurves = {
    {{"P256", "P-256"},
     {"P384", "P-384"},
     {"P521", "P-521"},
     {"X25519", "X25519"},
     // Post-quantum key exchange is newer than this OpenSSL; its classical half remains.
     {"X25519MLKEM768", "X25519"}}};

constexpr std::string_view kPairNeeded =
    "TLS configuration must include both certificate and key (CertFile/CertPem and KeyFile/KeyPem)";

// 0 when unknown.
int VersionNumber(std::string_view name) {
  for (const auto& [known, number] : kVersions) {
    if (known == name) return number;
  }
  return 0;
}

std::string BadVersion(std::string_view which, const std::string& name) {
  return "invalid TLS " + std::string(which) + ": unsupported TLS version: \"" + name + "\"";
}

Status LoadError(std::string text) {
  return {StatusCode::kInvalidArgument, "failed to load TLS config: " + std::move(text)};
}

// The file's text, or `open x: no such file or directory`.
Result<std::string> ReadFile(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return Fail(Status(StatusCode::kInvalidArgument,
                       "open " + path + ": " + GoErrorText(errno == 0 ? ENOENT : errno)));
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Status ReadTrust(const TlsConfig& config, TlsMaterial& material) {
  if (!config.ca_pem.empty()) {
    material.ca_pem = config.ca_pem.reveal();
  } else if (!config.ca_file.empty()) {
    Result<std::string> text = ReadFile(config.ca_file);
    if (!text) {
      return LoadError("failed to load CA CertPool File: failed to load cert " + config.ca_file +
                       ": " + text.error().message());
    }
    material.ca_pem = std::move(*text);
  }
  material.system_ca = config.include_system_ca_certs_pool || !config.has_ca();
  return {};
}

Status ReadPair(const TlsConfig& config, TlsMaterial& material) {
  if (!config.has_certificate() || !config.has_key()) return {};
  material.cert_pem = config.cert_pem.reveal();
  material.key_pem = config.key_pem.reveal();
  for (const auto& [path, text] : {std::pair{&config.cert_file, &material.cert_pem},
                                   std::pair{&config.key_file, &material.key_pem}}) {
    if (path->empty()) continue;
    Result<std::string> read = ReadFile(*path);
    if (!read) return LoadError("failed to load TLS cert and key: " + read.error().message());
    *text = std::move(*read);
  }
  return {};
}

Status ReadCiphers(const TlsConfig& config, TlsMaterial& material) {
  for (const std::string& name : config.cipher_suites) {
    const Cipher* found = nullptr;
    for (const Cipher& cipher : kCiphers) {
      if (cipher.go_name != name) continue;
      if (!cipher.insecure || config.include_insecure_cipher_suites) found = &cipher;
    }
    if (found == nullptr) return LoadError("invalid TLS cipher suite: \"" + name + "\"");
    if (found->openssl_name.empty()) continue;
    if (!material.ciphers.empty()) material.ciphers += ':';
    material.ciphers += found->openssl_name;
  }
  return {};
}

Status ReadCurves(const TlsConfig& config, TlsMaterial& material) {
  for (const std::string& name : config.curve_preferences) {
    std::string_view found;
    for (const auto& [known, openssl] : kCurves) {
      if (known == name) found = openssl;
    }
    if (found.empty()) {
      return LoadError(
          "invalid curve type: CurveID(0). Expected values are [X25519MLKEM768 CurveP256 CurveP384 "
          "CurveP521 X25519]");
    }
    if (material.groups.find(found) != std::string::npos) continue;
    if (!material.groups.empty()) material.groups += ':';
    material.groups += found;
  }
  return {};
}

Status LoadCommon(const TlsConfig& config, TlsMaterial& material) {
  if (const std::string mistake = config.FirstMistake(); !mistake.empty()) {
    return LoadError(mistake);
  }
  if (config.tpm.enabled) return LoadError("TPM keys are not supported by this build");
  material.min_version =
      config.min_version.empty() ? TLS1_2_VERSION : VersionNumber(config.min_version);
  material.max_version = VersionNumber(config.max_version);
  WEIR_RETURN_IF_ERROR(ReadTrust(config, material));
  WEIR_RETURN_IF_ERROR(ReadPair(config, material));
  WEIR_RETURN_IF_ERROR(ReadCiphers(config, material));
  return ReadCurves(config, material);
}

}  // namespace

void TpmConfig::Fields(config::Fields& f) {
  f("enabled", enabled, kOmitEmpty);
  f("path", path, kOmitEmpty);
  f("owner_auth", owner_auth, kOmitEmpty);
  f("auth", auth, kOmitEmpty);
}

void TlsConfig::Fields(config::Fields& f) {
  f("ca_file", ca_file, kOmitEmpty);
  f("ca_pem", ca_pem, kOmitEmpty);
  f("include_system_ca_certs_pool", include_system_ca_certs_pool, kOmitEmpty);
  f("cert_file", cert_file, kOmitEmpty);
  f("cert_pem", cert_pem, kOmitEmpty);
  f("key_file", key_file, kOmitEmpty);
  f("key_pem", key_pem, kOmitEmpty);
  f("min_version", min_version, kOmitEmpty);
  f("max_version", max_version, kOmitEmpty);
  f("cipher_suites", cipher_suites, kOmitEmpty);
  f("include_insecure_cipher_suites", include_insecure_cipher_suites, kOmitEmpty);
  f("reload_interval", reload_interval, kOmitEmpty);
  f("curve_preferences", curve_preferences, kOmitEmpty);
  f("tpm", tpm, kOmitEmpty);
}

std::string TlsConfig::FirstMistake() const {
  if (!ca_file.empty() && !ca_pem.empty()) {
    return "provide either a CA file or the PEM-encoded string, but not both";
  }
  if (!cert_file.empty() && !cert_pem.empty()) {
    return "provide either certificate file or PEM, but not both";
  }
  if (!key_file.empty() && !key_pem.empty()) {
    return "provide either key file or PEM, but not both";
  }
  if (has_certificate() != has_key()) return std::string(kPairNeeded);
  const int low = min_version.empty() ? TLS1_2_VERSION : VersionNumber(min_version);
  if (low == 0) return BadVersion("min_version", min_version);
  const int high = max_version.empty() ? TLS1_3_VERSION : VersionNumber(max_version);
  if (high == 0) return BadVersion("max_version", max_version);
  if (low > high) {
    return "invalid TLS configuration: min_version cannot be greater than max_version";
  }
  return {};
}

void TlsConfig::Validate(const config::Checker& check) const {
  if (std::string mistake = FirstMistake(); !mistake.empty()) check.Error(std::move(mistake));
}

void TlsServerConfig::Fields(config::Fields& f) {
  f.Squash("config", config);
  f("client_ca_file", client_ca_file, kOmitEmpty);
  f("client_ca_file_reload", client_ca_file_reload, kOmitEmpty);
}

void TlsServerConfig::Validate(const config::Checker& check) const {
  if (!config.has_certificate() && !config.has_key()) {
    check.Error("TLS configuration must include both certificate and key for server connections");
  }
}

void TlsClientConfig::Fields(config::Fields& f) {
  f.Squash("config", config);
  f("insecure", insecure, kOmitEmpty);
  f("insecure_skip_verify", insecure_skip_verify, kOmitEmpty);
  f("server_name_override", server_name_override, kOmitEmpty);
}

// Upstream tells the inner mistake at both levels.
void TlsClientConfig::Validate(const config::Checker& check) const { config.Validate(check); }

Result<TlsMaterial> LoadTlsServer(const TlsServerConfig& config) {
  TlsMaterial material;
  if (Status loaded = LoadCommon(config.config, material); !loaded.ok()) {
    return Fail(std::move(loaded));
  }
  if (material.cert_pem.empty() || material.key_pem.empty()) {
    return Fail(LoadError(
        "TLS configuration must include both certificate and key for server connections"));
  }
  if (!config.client_ca_file.empty()) {
    Result<std::string> text = ReadFile(config.client_ca_file);
    if (!text) {
      return Fail(LoadError("failed to load client CA CertPool: failed to load cert " +
                            config.client_ca_file + ": " + text.error().message()));
    }
    material.client_ca_pem = std::move(*text);
  }
  return material;
}

Result<TlsMaterial> LoadTlsClient(const TlsClientConfig& config) {
  TlsMaterial material;
  if (Status loaded = LoadCommon(config.config, material); !loaded.ok()) {
    return Fail(std::move(loaded));
  }
  return material;
}

}  // namespace weir::net
