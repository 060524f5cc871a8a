#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

#include "net/grpc_server/grpc_server.h"
#include "tests/net_grpc_server/raw_grpc.h"
#include "tests/support/captured_log.h"
#include "tests/support/certificates.h"

namespace weir::net {
namespace {

using tests::CertificatePair;
using tests::MakeCertificate;
using tests::RawGrpc;

class Echo final : public GrpcHandler {
 public:
  Status Admit(const GrpcHead&, std::shared_ptr<void>&) override { return {}; }
  void OnRequest(GrpcServerRequest request, GrpcResponder responder) override {
    responder.Succeed(request.body);
  }
};

class GrpcTlsTest : public testing::Test {
 protected:
  Status Start(TlsServerConfig tls) {
    GrpcServerConfig config;
    config.net_addr.endpoint = "127.0.0.1:0";
    config.tls = config::Optional<TlsServerConfig>::On(std::move(tls));
    server_ = std::make_unique<GrpcServer>(config, handler_, budget_, Logger(log_),
                                           std::make_shared<GrpcPool>(1));
    return server_->Start();
  }
  TlsServerConfig ServerConfig() const {
    TlsServerConfig tls;
    tls.config.cert_pem = pair_.certificate;
    tls.config.key_pem = pair_.key;
    return tls;
  }
  // A call by a client that trusts `ca` and shows `own`.
  bool Call(const std::string& ca, const CertificatePair& own = {}) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = ca;
    options.pem_cert_chain = own.certificate;
    options.pem_private_key = own.key;
    RawGrpc client(server_->address(), GRPC_COMPRESS_NONE, grpc::SslCredentials(options));
    return client.Call("/a.b.C/Do", "hello").body == "hello";
  }
  void TearDown() override {
    if (server_) server_->Shutdown(std::chrono::milliseconds(500));
  }

  const CertificatePair pair_ = MakeCertificate();
  ByteBudget budget_{64 << 20};
  Echo handler_;
  std::shared_ptr<tests::CapturedLog> log_ = std::make_shared<tests::CapturedLog>();
  std::unique_ptr<GrpcServer> server_;
};

TEST_F(GrpcTlsTest, CarriesCalls) {
  ASSERT_TRUE(Start(ServerConfig()).ok());
  EXPECT_TRUE(Call(pair_.certificate));
  EXPECT_FALSE(Call(MakeCertificate().certificate));
  EXPECT_NE(RawGrpc(server_->address()).Call("/a.b.C/Do", "x").code, 0);
}

TEST_F(GrpcTlsTest, AsksClientsForACertificate) {
  const std::string path = testing::TempDir() + "weir_grpc_client_ca.pem";
  const CertificatePair client = MakeCertificate();
  std::ofstream(path) << client.certificate;
  TlsServerConfig tls = ServerConfig();
  tls.client_ca_file = path;
  ASSERT_TRUE(Start(tls).ok());
  EXPECT_FALSE(Call(pair_.certificate));
  EXPECT_FALSE(Call(pair_.certificate, MakeCertificate()));
  EXPECT_TRUE(Call(pair_.certificate, client));
  std::remove(path.c_str());
}

TEST_F(GrpcTlsTest, ReadsItsCertificateAgain) {
  const std::string certificate = testing::TempDir() + "weir_grpc_cert.pem";
  const std::string key = testing::TempDir() + "weir_grpc_key.pem";
  const CertificatePair other = MakeCertificate();
  std::ofstream(certificate) << other.certificate;
  std::ofstream(key) << other.key;
  TlsServerConfig tls;
  tls.config.cert_file = certificate;
  tls.config.key_file = key;
  tls.config.reload_interval = std::chrono::nanoseconds(1);
  ASSERT_TRUE(Start(tls).ok());
  EXPECT_TRUE(Call(other.certificate));
  EXPECT_FALSE(Call(pair_.certificate));
  std::ofstream(certificate) << pair_.certificate;
  std::ofstream(key) << pair_.key;
  EXPECT_TRUE(Call(pair_.certificate));
  // A missing file leaves the good certificate in use.
  std::remove(certificate.c_str());
  EXPECT_TRUE(Call(pair_.certificate));
  EXPECT_GE(log_->Count("Failed to reload TLS certificates, the previous ones stay in use"), 1U);
  std::remove(key.c_str());
}

TEST_F(GrpcTlsTest, SaysWhatIsWrong) {
  TlsServerConfig tls;
  tls.config.cert_file = "absent.pem";
  tls.config.key_file = "absent.pem";
  EXPECT_EQ(Start(tls).message(),
            "failed to load TLS config: failed to load TLS cert and key: open absent.pem: no such "
            "file or directory");
  tls = ServerConfig();
  tls.config.min_version = "1.3";
  EXPECT_EQ(Start(tls).code(), StatusCode::kInvalidArgument);
  tls = ServerConfig();
  tls.config.key_pem = std::string("nonsense");
  EXPECT_FALSE(Start(tls).ok());
}

}  // namespace
}  // namespace weir::net
