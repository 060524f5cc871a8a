#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <future>
#include <memory>
#include <string>

#include "net/grpc_client/grpc_client.h"
#include "tests/net_grpc_client/grpc_backend.h"
#include "tests/support/captured_log.h"
#include "tests/support/certificates.h"

namespace weir::net {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using tests::GrpcBackend;

class GrpcClientTlsTest : public testing::Test {
 protected:
  void Serve(bool asks_for_certificate) {
    grpc::SslServerCredentialsOptions options(
        asks_for_certificate ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                             : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
    options.pem_key_cert_pairs.push_back({pair_.key, pair_.certificate});
    if (asks_for_certificate) options.pem_root_certs = pair_.certificate;
    backend_ = std::make_unique<GrpcBackend>(
        GrpcBackend::Options{.credentials = grpc::SslServerCredentials(options)});
  }
  TlsClientConfig Trusting() const {
    TlsClientConfig tls;
    tls.config.ca_pem = pair_.certificate;
    return tls;
  }
  Status Call(TlsClientConfig tls, std::string authority = {}, std::string scheme = {}) {
    GrpcClientConfig config;
    config.endpoint = scheme + backend_->address();
    config.tls = std::move(tls);
    config.authority = std::move(authority);
    GrpcClient client(config, "test", Logger(log_), nullptr, pool_);
    WEIR_RETURN_IF_ERROR(client.Start());
    GrpcRequest request;
    request.method = "/a.B/C";
    request.body = {Slice::Copy(std::string(60'000, 'x'))};
    std::promise<Result<Slice>> answer;
    client.Call(std::move(request),
                [&answer](Result<Slice> result) { answer.set_value(std::move(result)); });
    const Result<Slice> result = answer.get_future().get();
    return result ? Status() : result.error();
  }
  std::string FileOf(const std::string& name, const std::string& text) {
    std::string path = testing::TempDir() + name;
    std::ofstream(path) << text;
    files_.push_back(path);
    return path;
  }
  void TearDown() override {
    for (const std::string& path : files_) std::remove(path.c_str());
  }

  const tests::CertificatePair pair_ = tests::MakeCertificate();
  std::shared_ptr<tests::CapturedLog> log_ = std::make_shared<tests::CapturedLog>();
  std::shared_ptr<GrpcPool> pool_ = std::make_shared<GrpcPool>(1);
  std::unique_ptr<GrpcBackend> backend_;
  std::vector<std::string> files_;
};

TEST_F(GrpcClientTlsTest, TrustsTheCaItIsGiven) {
  Serve(false);
  const Status called = Call(Trusting());
  EXPECT_TRUE(called.ok()) << called.message();
  EXPECT_EQ(backend_->requests().at(0).body.size(), 60'000U);
  TlsClientConfig by_file;
  by_file.config.ca_file = FileOf("weir_grpc_ca.pem", pair_.certificate);
  EXPECT_TRUE(Call(by_file).ok());
}

TEST_F(GrpcClientTlsTest, AddsTheSystemsCertificatesToTheCa) {
  Serve(false);
  TlsClientConfig tls = Trusting();
  tls.config.include_system_ca_certs_pool = true;
  EXPECT_TRUE(Call(tls).ok());
}

TEST_F(GrpcClientTlsTest, RefusesACertificateThatNobodyVouchesFor) {
  Serve(false);
  TlsClientConfig other;
  other.config.ca_pem = tests::MakeCertificate().certificate;
  const Status refused = Call(other);
  EXPECT_EQ(refused.code(), StatusCode::kUnavailable);
  EXPECT_THAT(
      refused.message(),
      StartsWith("connection error: desc = \"transport: authentication handshake failed: "));
  other.insecure_skip_verify = true;
  EXPECT_TRUE(Call(other).ok());
  EXPECT_EQ(backend_->requests().size(), 1U);
}

TEST_F(GrpcClientTlsTest, ChecksTheNameOfTheServer) {
  Serve(false);
  TlsClientConfig tls = Trusting();
  tls.server_name_override = "elsewhere.example";
  EXPECT_FALSE(Call(tls).ok());
  tls.server_name_override = "localhost";
  EXPECT_TRUE(Call(tls).ok());
  EXPECT_EQ(backend_->requests().at(0).authority, "localhost");
  EXPECT_FALSE(Call(Trusting(), "elsewhere.example:4317").ok());
  EXPECT_TRUE(Call(Trusting(), "localhost:4317").ok());
}

TEST_F(GrpcClientTlsTest, ShowsItsOwnCertificate) {
  Serve(true);
  EXPECT_FALSE(Call(Trusting()).ok());
  TlsClientConfig tls = Trusting();
  tls.config.cert_pem = pair_.certificate;
  tls.config.key_pem = pair_.key;
  const Status called = Call(tls);
  EXPECT_TRUE(called.ok()) << called.message();
}

TEST_F(GrpcClientTlsTest, ReadsItsCertificateAgain) {
  Serve(true);
  TlsClientConfig tls;
  tls.config.ca_file = FileOf("weir_grpc_watch_ca.pem", pair_.certificate);
  tls.config.cert_file = FileOf("weir_grpc_watch_cert.pem", pair_.certificate);
  tls.config.key_file = FileOf("weir_grpc_watch_key.pem", pair_.key);
  tls.config.reload_interval = std::chrono::hours(1);
  const Status called = Call(tls);
  EXPECT_TRUE(called.ok()) << called.message();
  EXPECT_TRUE(log_->lines().empty());
}

TEST_F(GrpcClientTlsTest, EncryptsForHttpsEvenWhenInsecure) {
  Serve(false);
  TlsClientConfig tls = Trusting();
  tls.insecure = true;
  EXPECT_TRUE(Call(tls, "", "https://").ok());
  tls.config.ca_pem = config::Secret();
  EXPECT_FALSE(Call(tls).ok());
}

TEST_F(GrpcClientTlsTest, SpeaksAsTheCollectorWhenItCannotStart) {
  Serve(false);
  TlsClientConfig tls;
  tls.config.ca_file = "absent.pem";
  EXPECT_EQ(Call(tls).message(),
            "failed to load TLS config: failed to load CA CertPool File: failed to load cert "
            "absent.pem: open absent.pem: no such file or directory");
  tls = {};
  tls.config.ca_pem = config::Secret("not really pem");
  EXPECT_THAT(Call(tls).message(), HasSubstr("failed to load TLS config: "));
}

TEST_F(GrpcClientTlsTest, WarnsOfWhatGrpcCannotDo) {
  Serve(false);
  TlsClientConfig tls = Trusting();
  tls.config.min_version = "1.3";
  EXPECT_TRUE(Call(tls).ok());
  EXPECT_EQ(log_->lines().size(), 1U);
}

}  // namespace
}  // namespace weir::net
