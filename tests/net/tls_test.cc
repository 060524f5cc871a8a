#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "net/http_client.h"
#include "net/http_server.h"
#include "net/tls_context.h"
#include "tests/support/certificates.h"

namespace weir::net {
namespace {

class Hello final : public HttpHandler {
 public:
  void OnRequest(HttpRequest request, HttpResponder responder) override {
    responder.Respond(HttpResponse::Text(request.head->tls ? 200 : 500, request.body.view()));
  }
};

class TlsTest : public testing::Test {
 protected:
  void Serve(TlsServerConfig tls) {
    HttpServerConfig config;
    config.endpoint = "127.0.0.1:0";
    config.tls = config::Optional<TlsServerConfig>::On(std::move(tls));
    server_ = std::make_unique<HttpServer>(config, handler_, budget_, Logger(), pool_);
    const Status started = server_->Start();
    ASSERT_TRUE(started.ok()) << started.message();
  }
  TlsServerConfig ServerConfig() const {
    TlsServerConfig tls;
    tls.config.cert_pem = pair_.certificate;
    tls.config.key_pem = pair_.key;
    return tls;
  }
  TlsClientConfig Trusting() const {
    TlsClientConfig tls;
    tls.config.ca_pem = pair_.certificate;
    return tls;
  }
  Result<ClientResponse> Call(TlsClientConfig tls, size_t body_size = 5) {
    HttpClientConfig config;
    config.tls = std::move(tls);
    config.timeout = std::chrono::seconds(5);
    HttpClient client(config, Logger(), pool_);
    if (Status started = client.Start(); !started.ok()) return Fail(started);
    ClientRequest request;
    request.target = client.Prepare("POST", *ParseUrl("https://" + server_->address() + "/"));
    request.body = {Slice::Copy(std::string(body_size, 'x'))};
    std::promise<Result<ClientResponse>> answer;
    client.Call(std::move(request),
                [&](Result<ClientResponse> r) { answer.set_value(std::move(r)); });
    return answer.get_future().get();
  }
  void TearDown() override {
    if (server_) server_->Shutdown(std::chrono::milliseconds(500));
    server_.reset();
    // The last connections close on the pool's threads. A program that ends before its threads do
    // leaves what OpenSSL keeps for each, which LeakSanitizer reports.
    for (int i = 0; i < 5000 && pool_.use_count() > 1; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  const tests::CertificatePair pair_ = tests::MakeCertificate();
  ByteBudget budget_{64 << 20};
  Hello handler_;
  std::shared_ptr<IoPool> pool_ = std::make_shared<IoPool>(2);
  std::unique_ptr<HttpServer> server_;
};

TEST_F(TlsTest, CarriesRequests) {
  Serve(ServerConfig());
  const auto response = Call(Trusting(), 60000);
  ASSERT_TRUE(response) << response.error().message();
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body.size(), 60000U);
}

TEST_F(TlsTest, RefusesACertificateThatNobodyVouchesFor) {
  Serve(ServerConfig());
  EXPECT_FALSE(Call({}));
  TlsClientConfig careless;
  careless.insecure_skip_verify = true;
  EXPECT_TRUE(Call(careless));
}

TEST_F(TlsTest, RefusesACertificateForAnotherName) {
  Serve(ServerConfig());
  TlsClientConfig tls = Trusting();
  tls.server_name_override = "elsewhere.example";
  EXPECT_FALSE(Call(tls));
  tls.server_name_override = "localhost";
  EXPECT_TRUE(Call(tls));
}

TEST_F(TlsTest, AsksClientsForACertificate) {
  const std::string path = testing::TempDir() + "weir_client_ca.pem";
  std::ofstream(path) << pair_.certificate;
  TlsServerConfig server = ServerConfig();
  server.client_ca_file = path;
  Serve(server);
  EXPECT_FALSE(Call(Trusting()));
  TlsClientConfig with_pair = Trusting();
  with_pair.config.cert_pem = pair_.certificate;
  with_pair.config.key_pem = pair_.key;
  const auto response = Call(with_pair);
  EXPECT_TRUE(response) << response.error().message();
  std::remove(path.c_str());
}

TEST_F(TlsTest, KeepsToTheVersionsConfigured) {
  TlsServerConfig server = ServerConfig();
  server.config.min_version = "1.3";
  Serve(server);
  TlsClientConfig old = Trusting();
  old.config.max_version = "1.2";
  EXPECT_FALSE(Call(old));
  EXPECT_TRUE(Call(Trusting()));
}

TEST_F(TlsTest, ReadsItsCertificateAgain) {
  const std::string certificate = testing::TempDir() + "weir_cert.pem";
  const std::string key = testing::TempDir() + "weir_key.pem";
  const tests::CertificatePair other = tests::MakeCertificate();
  std::ofstream(certificate) << other.certificate;
  std::ofstream(key) << other.key;
  TlsServerConfig server;
  server.config.cert_file = certificate;
  server.config.key_file = key;
  server.config.reload_interval = std::chrono::nanoseconds(1);
  Serve(server);
  EXPECT_FALSE(Call(Trusting()));
  std::ofstream(certificate) << pair_.certificate;
  std::ofstream(key) << pair_.key;
  EXPECT_TRUE(Call(Trusting()));
  // A broken file leaves the good certificate in use.
  std::ofstream(certificate) << "nothing";
  EXPECT_TRUE(Call(Trusting()));
  std::remove(certificate.c_str());
  std::remove(key.c_str());
}

std::string LoadText(TlsClientConfig config) { return LoadTlsClient(config).error().message(); }

TEST(LoadTls, SpeaksAsTheCollector) {
  TlsClientConfig config;
  config.config.ca_file = "absent.pem";
  EXPECT_EQ(LoadText(config),
            "failed to load TLS config: failed to load CA CertPool File: failed to load cert "
            "absent.pem: open absent.pem: no such file or directory");
  config = {};
  config.config.cipher_suites = {"TLS_NOPE"};
  EXPECT_EQ(LoadText(config), "failed to load TLS config: invalid TLS cipher suite: \"TLS_NOPE\"");
  config = {};
  config.config.curve_preferences = {"P999"};
  EXPECT_EQ(LoadText(config),
            "failed to load TLS config: invalid curve type: CurveID(0). Expected values are "
            "[X25519MLKEM768 CurveP256 CurveP384 CurveP521 X25519]");
  TlsServerConfig server;
  server.config.cert_file = "c.pem";
  server.config.key_file = "k.pem";
  EXPECT_EQ(
      LoadTlsServer(server).error().message(),
      "failed to load TLS config: failed to load TLS cert and key: open c.pem: no such file or "
      "directory");
}

TEST(TlsConfig, TellsItsFirstMistake) {
  TlsConfig config;
  EXPECT_EQ(config.FirstMistake(), "");
  config.min_version = "1.9";
  EXPECT_EQ(config.FirstMistake(), "invalid TLS min_version: unsupported TLS version: \"1.9\"");
  config.min_version = "1.3";
  config.max_version = "1.2";
  EXPECT_EQ(config.FirstMistake(),
            "invalid TLS configuration: min_version cannot be greater than max_version");
  config = {};
  config.cert_file = "a";
  EXPECT_EQ(config.FirstMistake(),
            "TLS configuration must include both certificate and key (CertFile/CertPem and "
            "KeyFile/KeyPem)");
}

}  // namespace
}  // namespace weir::net
