// The exporter as the registry makes it: the sender inside the exporter helper.
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>

#include "pipeline/registry.h"
#include "tests/exporters_otlp_grpc/support.h"

void Register_exporters_otlp_grpc(weir::pipeline::Registry& registry);

namespace weir::exporters::otlp_grpc {
namespace {

class ExporterTest : public SenderTest {
 protected:
  void SetUp() override { Register_exporters_otlp_grpc(registry_); }
  std::unique_ptr<pipeline::Exporter> Make(OtlpGrpcConfig config) {
    config_ = registry_.FindExporter("otlp_grpc")->new_config();
    static_cast<pipeline::ComponentConfigOf<OtlpGrpcConfig>&>(*config_).value = std::move(config);
    const pipeline::Settings settings{{"otlp_grpc", ""}, Logger(log_), nullptr,
                                      executor_,         budget_,      build_};
    auto made =
        registry_.FindExporter("otlp_grpc")->create(settings, *config_, model::Signal::kLogs);
    EXPECT_TRUE(made) << made.error().message();
    const Status started = (*made)->Start(host_);
    EXPECT_TRUE(started.ok()) << started.message();
    return std::move(*made);
  }
  static Status Consume(pipeline::Exporter& exporter, model::Batch batch) {
    std::promise<Status> answer;
    exporter.Consume(std::move(batch), {},
                     [&answer](Status status) { answer.set_value(std::move(status)); });
    return answer.get_future().get();
  }

  pipeline::Registry registry_;
  std::unique_ptr<pipeline::ComponentConfig> config_;
};

TEST_F(ExporterTest, IsKnownByItsOldName) {
  const pipeline::FactoryBase* factory = registry_.Find(pipeline::ComponentKind::kExporter, "otlp");
  ASSERT_NE(factory, nullptr);
  EXPECT_EQ(factory->type, "otlp_grpc");
}

TEST_F(ExporterTest, DeliversWhatItsQueueHeld) {
  auto exporter = Make(Plain());
  EXPECT_TRUE(Consume(*exporter, OneLog()).ok());
  exporter->Shutdown();
  ASSERT_EQ(backend_.requests().size(), 1U);
  EXPECT_EQ(backend_.requests().at(0).body, kOneLog);
}

TEST_F(ExporterTest, RetriesAfterTheBackendsDelay) {
  backend_.AnswerWith({{.status = {grpc::StatusCode::RESOURCE_EXHAUSTED, "busy",
                                   tests::RetryDetails(8, "busy", std::chrono::milliseconds(1))}},
                       {}});
  OtlpGrpcConfig config = Plain();
  config.queue = config::Optional<pipeline::QueueConfig>::Off();
  config.retry.initial_interval = std::chrono::milliseconds(1);
  auto exporter = Make(config);
  EXPECT_TRUE(Consume(*exporter, OneLog()).ok());
  exporter->Shutdown();
  EXPECT_EQ(backend_.requests().size(), 2U);
}

TEST_F(ExporterTest, FailsAnAttemptAtItsTimeout) {
  backend_.AnswerWith({{.held = true}});
  OtlpGrpcConfig config = Plain();
  config.queue = config::Optional<pipeline::QueueConfig>::Off();
  config.retry.enabled = false;
  config.timeout.timeout = std::chrono::milliseconds(50);
  auto exporter = Make(config);
  EXPECT_EQ(Consume(*exporter, OneLog()).code(), StatusCode::kDeadlineExceeded);
  exporter->Shutdown();
}

}  // namespace
}  // namespace weir::exporters::otlp_grpc
