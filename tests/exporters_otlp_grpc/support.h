// A sender of the otlp_grpc exporter against a backend of the test.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "exporters/otlp_grpc/sender.h"
#include "model/check.h"
#include "tests/net_grpc_client/grpc_backend.h"
#include "tests/support/captured_log.h"

namespace weir::exporters::otlp_grpc {

// A request with one log record, span or metric of that name.
inline constexpr std::string_view kOneLog("\x0a\x0a\x12\x08\x12\x06\x2a\x04\x0a\x02hi", 12);
inline constexpr std::string_view kOneSpan("\x0a\x08\x12\x06\x12\x04\x2a\x02hi", 10);
inline constexpr std::string_view kOnePoint(
    "\x0a\x0e\x12\x0c\x12\x0a\x0a\x02hi\x2a\x04\x0a\x02\x40\x01", 16);

class TestHost final : public pipeline::Host {
 public:
  pipeline::Component* FindExtension(const pipeline::ComponentId& id) override {
    const auto it = extensions.find(id.ToString());
    return it == extensions.end() ? nullptr : it->second;
  }
  void ReportState(const pipeline::Component&, pipeline::ComponentState, const Status&) override {}
  std::map<std::string, pipeline::Component*> extensions;
};

class SenderTest : public testing::Test {
 protected:
  OtlpGrpcConfig Plain() const {
    OtlpGrpcConfig config;
    config.client.endpoint = backend_.address();
    config.client.tls.insecure = true;
    config.client.compression.name = "none";
    return config;
  }
  Status Start(const OtlpGrpcConfig& config, model::Signal signal = model::Signal::kLogs) {
    sender_.reset();
    sender_ = std::make_unique<OtlpGrpcSender>(
        config, signal,
        pipeline::Settings{{"otlp_grpc", ""}, Logger(log_), nullptr, executor_, budget_, build_});
    return sender_->Start(host_);
  }
  Status Send(model::Batch batch, const pipeline::Context& context = {}) {
    std::promise<Status> answer;
    sender_->Send(std::move(batch), context,
                  [&answer](Status status) { answer.set_value(std::move(status)); });
    return answer.get_future().get();
  }
  Status StartAndSend(const OtlpGrpcConfig& config, model::Batch batch) {
    const model::Signal signal = batch.signal();
    WEIR_RETURN_IF_ERROR(Start(config, signal));
    return Send(std::move(batch));
  }
  static model::Batch One(model::Signal signal) {
    const std::string_view body = signal == model::Signal::kTraces    ? kOneSpan
                                  : signal == model::Signal::kMetrics ? kOnePoint
                                                                      : kOneLog;
    return *model::CheckRequest(signal, Slice::Copy(body));
  }
  static model::Batch OneLog() { return One(model::Signal::kLogs); }

  ByteBudget budget_{64 << 20};
  ThreadPool executor_{"test", 1};
  pipeline::BuildInfo build_{"weir", "Weir", "1.2.3"};
  TestHost host_;
  std::shared_ptr<tests::CapturedLog> log_ = std::make_shared<tests::CapturedLog>();
  tests::GrpcBackend backend_;
  std::unique_ptr<OtlpGrpcSender> sender_;
};

}  // namespace weir::exporters::otlp_grpc
