// Guarantees: extensions start before the graph and those they ask for before them; watchers hear
// when pipelines are ready; a reload keeps what did not change; failures are told as the Collector
// tells them.
#include "app/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/config/yaml.h"
#include "pipeline/extension.h"
#include "tests/support/captured_log.h"
#include "tests/support/manual_executor.h"

namespace weir::tests {
namespace {

using pipeline::ComponentState;
using testing::ElementsAre;
using testing::HasSubstr;

struct FakeConfig {
  std::string needs;  // id of an extension
  std::string fails;  // "create" or "start"
  void Fields(config::Fields& f) {
    f("needs", needs);
    f("fails", fails);
  }
};

using Events = std::vector<std::string>;

// What every fake here does; Role is the kind.
template <typename Role>
class Fake : public Role {
 public:
  Fake(const pipeline::Settings& settings, const FakeConfig& config, Events& events)
      : id_(settings.id.ToString()), config_(config), events_(events) {}

  Status Start(pipeline::Host& host) override {
    host_ = &host;
    if (!config_.needs.empty()) {
      found_ = host.FindExtension(*pipeline::ComponentId::Parse(config_.needs));
      if (found_ == nullptr)
        return Status(StatusCode::kNotFound, "extension " + config_.needs + " not found");
    }
    if (config_.fails == "start") return Status(StatusCode::kUnavailable, "no start");
    events_.push_back("start " + id_);
    return {};
  }
  void Shutdown() override { events_.push_back("stop " + id_); }
  void ReportFatal() {
    host_->ReportState(*this, ComponentState::kFatalError, Status::Permanent("disk is gone"));
  }

 protected:
  const std::string id_;
  const FakeConfig config_;
  Events& events_;
  pipeline::Host* host_ = nullptr;
  pipeline::Component* found_ = nullptr;
};

class FakeExtension final : public Fake<pipeline::Extension>, public pipeline::PipelineWatcher {
 public:
  using Fake::Fake;
  void PipelinesReady() override { events_.push_back("ready " + id_); }
  void PipelinesNotReady() override { events_.push_back("not ready " + id_); }
};

class FakeExporter final : public Fake<pipeline::Exporter> {
 public:
  using Fake::Fake;
  void Consume(model::Batch, const pipeline::Context&, pipeline::Done done) override {
    done(Status());
  }
};

class ServiceTest : public testing::Test {
 protected:
  ServiceTest() {
    using pipeline::Settings;
    using pipeline::Stability;
    const auto base = [](Stability stability) {
      return pipeline::FactoryBase{"x", {}, std::move(stability), pipeline::NewConfig<FakeConfig>};
    };
    const auto as = [](const pipeline::ComponentConfig& config) {
      return pipeline::ConfigAs<FakeConfig>(config);
    };
    registry_.Add(pipeline::ReceiverFactory{
        base(Stability::All("Beta")),
        [=, this](
            const Settings& settings, const pipeline::ComponentConfig& config,
            const pipeline::ReceiverConsumers&) -> Result<std::unique_ptr<pipeline::Receiver>> {
          auto made = std::make_unique<Fake<pipeline::Receiver>>(settings, as(config), events_);
          receiver_ = made.get();
          return made;
        }});
    registry_.Add(pipeline::ExporterFactory{
        base(Stability::All("Beta")),
        [=, this](const Settings& settings, const pipeline::ComponentConfig& config,
                  model::Signal) -> Result<std::unique_ptr<pipeline::Exporter>> {
          return std::make_unique<FakeExporter>(settings, as(config), events_);
        }});
    registry_.Add(pipeline::ExtensionFactory{
        base(Stability::OfExtension("Beta")),
        [=, this](const Settings& settings, const pipeline::ComponentConfig& config)
            -> Result<std::unique_ptr<pipeline::Extension>> {
          if (as(config).fails == "create")
            return Fail(Status(StatusCode::kInvalidArgument, "no idea"));
          return std::make_unique<FakeExtension>(settings, as(config), events_);
        }});
  }
  void TearDown() override { service_.Shutdown(); }

  // `parts`: lines of extensions, of the receiver's and of the exporter's section.
  std::shared_ptr<const app::ServiceConfig> Config(const std::string& extensions,
                                                   const std::string& listed,
                                                   const std::string& exporter = "{}",
                                                   const std::string& receiver = "{}") {
    const std::string text = "receivers: {x: " + receiver + "}\nexporters: {x: " + exporter +
                             "}\nextensions: {" + extensions + "}\nservice:\n  extensions: [" +
                             listed + "]\n  pipelines: {logs: {receivers: [x], exporters: [x]}}\n";
    const config::YamlResult parsed = config::ParseYaml(text, nullptr);
    config::Problems problems;
    auto loaded = app::LoadServiceConfig(registry_, *parsed.value, {}, problems);
    for (const config::Problem& problem : problems.errors()) ADD_FAILURE() << problem.ToString();
    return loaded;
  }
  Events Take() { return std::exchange(events_, {}); }

  Events events_;
  Fake<pipeline::Receiver>* receiver_ = nullptr;
  pipeline::Registry registry_;
  std::shared_ptr<CapturedLog> log_ = std::make_shared<CapturedLog>();
  MetricStore metrics_;
  ManualExecutor executor_;
  ByteBudget memory_{1 << 20};
  pipeline::BuildInfo build_;
  std::vector<std::string> fatal_;
  app::Service service_{{Logger(log_), &metrics_, executor_, memory_, build_},
                        app::FeatureGates(),
                        [this](const Status& error) { fatal_.push_back(error.message()); }};
};

TEST_F(ServiceTest, StartsExtensionsThenTheGraphAndStopsTheOtherWay) {
  ASSERT_TRUE(service_.Start(Config("x/a: {}, x/b: {}", "x/a, x/b")).ok());
  EXPECT_THAT(Take(), ElementsAre("start x/a", "start x/b", "start x", "start x", "ready x/a",
                                  "ready x/b"));
  service_.Shutdown();
  EXPECT_THAT(Take(), ElementsAre("not ready x/a", "not ready x/b", "stop x", "stop x", "stop x/b",
                                  "stop x/a"));
}

TEST_F(ServiceTest, AnExtensionThatIsAskedForStartsFirst) {
  ASSERT_TRUE(
      service_.Start(Config("x/a: {needs: x/b}, x/b: {needs: x/c}, x/c: {}", "x/a, x/b, x/c"))
          .ok());
  const Events events = Take();
  EXPECT_THAT(Events(events.begin(), events.begin() + 3),
              ElementsAre("start x/c", "start x/b", "start x/a"));
}

TEST_F(ServiceTest, AnExtensionThatIsNotListedIsNotThere) {
  EXPECT_EQ(service_.Start(Config("x/a: {}", "", "{needs: x/a}")).message(),
            "cannot start pipelines: failed to start \"x\" exporter: extension x/a not found");
}

TEST_F(ServiceTest, TellsWhichExtensionCannotBe) {
  EXPECT_EQ(service_.Start(Config("x/a: {fails: create}", "x/a")).message(),
            "failed to build extensions: failed to create extension \"x/a\": no idea");
}

TEST_F(ServiceTest, AnExtensionThatDoesNotStartEndsEverything) {
  EXPECT_EQ(
      service_.Start(Config("x/a: {}, x/b: {needs: x/c}, x/c: {fails: start}", "x/a, x/b, x/c"))
          .message(),
      "failed to start extensions: no start");
  EXPECT_THAT(Take(), ElementsAre("start x/a", "stop x/a"));
  EXPECT_EQ(log_->Count("Failed to start extension"), 2u);
  EXPECT_EQ(log_->Count("Shutdown complete."), 1u);
}

TEST_F(ServiceTest, AReloadKeepsExtensionsThatDidNotChange) {
  const std::string both = "x/a: {}, x/b: {needs: x/a}";
  ASSERT_TRUE(service_.Start(Config(both, "x/a, x/b")).ok());
  Take();
  ASSERT_TRUE(service_.Reload(Config(both + ", x/new: {}", "x/a, x/b, x/new")));
  EXPECT_THAT(Take(), ElementsAre("start x/new", "ready x/new"));
  ASSERT_TRUE(service_.Reload(Config(both, "x/a, x/b")));
  EXPECT_THAT(Take(), ElementsAre("not ready x/new", "stop x/new"));
}

TEST_F(ServiceTest, AReloadReplacesWhatDependsOnAChangedExtension) {
  ASSERT_TRUE(
      service_.Start(Config("x/a: {}, x/b: {needs: x/a}", "x/a, x/b", "{needs: x/b}")).ok());
  Take();
  ASSERT_TRUE(
      service_.Reload(Config("x/a: {needs: ''}, x/b: {needs: x/a}", "x/a, x/b", "{needs: x/b}")));
  // The receiver asks for nothing and stays.
  EXPECT_THAT(Take(),
              ElementsAre("start x/a", "start x/b", "start x", "ready x/a", "ready x/b",
                          "not ready x/a", "not ready x/b", "stop x", "stop x/b", "stop x/a"));
}

TEST_F(ServiceTest, ABadReloadLeavesEverythingAsItWas) {
  ASSERT_TRUE(service_.Start(Config("x/a: {}", "x/a")).ok());
  Take();
  EXPECT_FALSE(service_.Reload(Config("x/a: {}, x/b: {}", "x/a, x/b", "{fails: start}")));
  EXPECT_THAT(Take(), ElementsAre("start x/b", "stop x/b"));
  EXPECT_FALSE(service_.Reload(Config("x/a: {fails: create}", "x/a")));
  EXPECT_THAT(Take(), ElementsAre());
  EXPECT_EQ(log_->Count("Config not updated, the running one stays in force"), 2u);
  EXPECT_EQ(service_.Components().size(), 3u);
}

TEST_F(ServiceTest, PassesAFatalErrorOn) {
  ASSERT_TRUE(service_.Start(Config("", "")).ok());
  receiver_->ReportFatal();
  EXPECT_THAT(fatal_, ElementsAre("disk is gone"));
  bool seen = false;
  for (const pipeline::ComponentInfo& info : service_.Components())
    seen = seen || (info.state == ComponentState::kFatalError && info.error == "disk is gone");
  EXPECT_TRUE(seen);
}

TEST_F(ServiceTest, ShowsPipelinesAndFeatures) {
  ASSERT_TRUE(service_.Start(Config("", "")).ok());
  ASSERT_EQ(service_.Pipelines().size(), 1u);
  EXPECT_EQ(service_.Pipelines()[0].id.ToString(), "logs");
  EXPECT_EQ(service_.Features().size(), app::FeatureGates::All().size());
  EXPECT_THAT(service_.LedgerJson(), HasSubstr("\"total\""));
}

}  // namespace
}  // namespace weir::tests
