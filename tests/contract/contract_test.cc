// Scenario: every component this program has, found in the registry.
// Guarantees: what the rest of the program relies on, whatever the component is.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "base/config/yaml.h"
#include "tests/contract/component_bench.h"

namespace weir::tests {
namespace {

using model::Signal;
using pipeline::ComponentKind;

std::string NameOf(const testing::TestParamInfo<ComponentName>& info) {
  return std::string(pipeline::SectionName(info.param.kind)) + "_" + info.param.type;
}

config::Value Yaml(const std::string& text) {
  const config::YamlResult parsed =
      config::ParseYaml(text, std::make_shared<const std::string>("test.yaml"));
  return parsed.value.value_or(config::Value());
}

class Contract : public testing::TestWithParam<ComponentName> {
 protected:
  void SetUp() override {
    std::string test = testing::UnitTest::GetInstance()->current_test_info()->name();
    std::replace(test.begin(), test.end(), '/', '_');
    scratch_ = testing::TempDir() + "contract_" + test;
    std::filesystem::create_directories(scratch_);
  }
  void TearDown() override { std::filesystem::remove_all(scratch_); }

  // The sections to try: nothing written, and the examples of the README.
  std::vector<std::pair<std::string, config::Value>> Sections() {
    auto sections = ReadmeExamples(GetParam(), scratch_);
    sections.emplace_back("nothing written", config::Value());
    return sections;
  }
  // One that is valid: the README's, else the default. Null when there is none.
  std::unique_ptr<pipeline::ComponentConfig> ValidConfig(ComponentBench& bench) {
    for (const auto& [what, section] : Sections()) {
      auto config = bench.Configure(section);
      if (bench.problems().ok()) return config;
    }
    return nullptr;
  }

  std::string scratch_;
};

TEST_P(Contract, RegistersUnderItsFoldersNameWithDefaults) {
  const pipeline::FactoryBase* factory = AllComponents().Find(GetParam().kind, GetParam().type);
  ASSERT_NE(factory, nullptr);
  EXPECT_EQ(factory->type, GetParam().type);
  EXPECT_TRUE(std::filesystem::exists(WEIR_SOURCE_DIR "/" + GetParam().folder()));
  EXPECT_NE(factory->new_config(), nullptr);
  bool has_stability = !factory->stability.extension.empty();
  for (const Signal signal : model::kSignals)
    has_stability = has_stability || factory->stability.Has(signal);
  EXPECT_TRUE(has_stability);
}

TEST_P(Contract, ItsReadmeExampleIsValid) {
  ComponentBench bench(GetParam());
  for (const auto& [id, section] : ReadmeExamples(GetParam(), scratch_)) {
    bench.Configure(section);
    for (const config::Problem& problem : bench.problems().errors())
      ADD_FAILURE() << id << ": " << problem.ToString();
  }
}

TEST_P(Contract, RefusesAnUnknownKeyAndSaysWhere) {
  ComponentBench bench(GetParam());
  bench.Configure(Yaml("\n\nno_such_key_here: 1\n"));
  ASSERT_FALSE(bench.problems().ok());
  const config::Problem& problem = bench.problems().errors().front();
  EXPECT_EQ(problem.phase, config::Phase::kDecode);
  EXPECT_NE(problem.text.find("no_such_key_here"), std::string::npos) << problem.text;
  EXPECT_EQ(problem.position.line, 3) << problem.ToString();
}

TEST_P(Contract, CreatingOpensNothing) {
  for (const auto& [what, section] : Sections()) {
    ComponentBench bench(GetParam());
    const auto config = bench.Configure(section);
    if (!bench.problems().ok()) continue;
    for (const Signal signal : model::kSignals) {
      std::string failure;
      const auto component = bench.Create(*config, signal, &failure);
      EXPECT_EQ(bench.memory.used_bytes(), 0u) << what;
      // It goes again without having been started.
    }
  }
}

TEST_P(Contract, StartsAndShutsDownTwice) {
  ComponentBench bench(GetParam());
  const auto config = ValidConfig(bench);
  ASSERT_NE(config, nullptr) << "neither the default nor the README's example is valid";
  size_t started = 0;
  std::string failures;
  for (const Signal signal : model::kSignals) {
    std::string failure;
    const auto component = bench.Create(*config, signal, &failure);
    if (component == nullptr) {
      failures += failure + "\n";
      continue;
    }
    const Status status = component->Start(bench);
    if (!status.ok()) {
      EXPECT_FALSE(status.message().empty());
      failures += status.message() + "\n";
      continue;
    }
    ++started;
    component->Shutdown();
    component->Shutdown();
  }
  if (started == 0) GTEST_SKIP() << "does not start here: " << failures;
}

INSTANTIATE_TEST_SUITE_P(
    All, Contract,
    testing::ValuesIn(ComponentsOfKinds({ComponentKind::kReceiver, ComponentKind::kProcessor,
                                         ComponentKind::kExporter, ComponentKind::kConnector,
                                         ComponentKind::kExtension})),
    NameOf);

// Components with something behind them.
class PassingContract : public Contract {
 protected:
  struct Passed {
    size_t sent = 0;
    size_t answered_ok = 0;
    size_t answered = 0;
  };
  // Sends batches one after the other through a running component for `signal`, with `answer`
  // behind it; nothing when the component does not take the signal or does not start.
  std::optional<Passed> Pass(ComponentBench& bench, const pipeline::ComponentConfig& config,
                             Signal signal, const Status& answer) {
    std::string failure;
    const auto component = bench.Create(config, signal, &failure);
    if (component == nullptr || !component->Start(bench).ok()) return std::nullopt;
    auto* consumer = dynamic_cast<pipeline::Consumer*>(component.get());
    bench.sink.AnswerWith(answer);
    std::vector<Answer> answers(20);
    Passed passed;
    for (Answer& one : answers) {
      const model::Batch batch = RealBatch(signal);
      passed.sent += batch.items();
      consumer->Consume(batch, {}, one.MakeDone());
    }
    component->Shutdown();
    for (Answer& one : answers) {
      const std::optional<Status> status = one.Wait();
      if (!status) continue;
      ++passed.answered;
      if (status->ok()) ++passed.answered_ok;
    }
    EXPECT_EQ(passed.answered, answers.size()) << "not everyone was answered";
    component->Shutdown();
    return passed;
  }
};

TEST_P(PassingContract, LosesAndDoublesNothing) {
  for (const auto& [what, section] : Sections()) {
    for (const Signal signal : model::kSignals) {
      ComponentBench bench(GetParam());
      const auto config = bench.Configure(section);
      if (!bench.problems().ok()) continue;
      const auto passed = Pass(bench, *config, signal, Status());
      if (!passed) continue;
      EXPECT_EQ(static_cast<double>(passed->sent),
                static_cast<double>(bench.sink.items()) + bench.dropped())
          << what << ", " << SignalName(signal);
      EXPECT_EQ(passed->answered_ok, passed->answered);
    }
  }
}

TEST_P(PassingContract, TellsTheSenderWhatWasRefusedBehindIt) {
  for (const auto& [what, section] : Sections()) {
    for (const Signal signal : model::kSignals) {
      ComponentBench bench(GetParam());
      const auto config = bench.Configure(section);
      if (!bench.problems().ok()) continue;
      const auto passed = Pass(bench, *config, signal, Status::Retryable("come again"));
      if (!passed) continue;
      // OK only for what the component took out itself.
      EXPECT_LE(static_cast<double>(passed->answered_ok * 2), bench.dropped())
          << what << ", " << SignalName(signal);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, PassingContract,
                         testing::ValuesIn(ComponentsOfKinds({ComponentKind::kProcessor,
                                                              ComponentKind::kConnector})),
                         NameOf);

// Exporters that are told where to send.
class SendingContract : public Contract {};

TEST_P(SendingContract, TellsTheSenderThatItsBackendIsNotThere) {
  // Nothing listens on port 1.
  const config::Value section = Yaml(
      "endpoint: http://127.0.0.1:1\ntls: {insecure: true}\ntimeout: 5s\n"
      "sending_queue: {enabled: false}\nretry_on_failure: {enabled: false}\n");
  for (const Signal signal : model::kSignals) {
    ComponentBench bench(GetParam());
    const auto config = bench.Configure(section);
    if (!bench.problems().ok()) GTEST_SKIP() << "has no endpoint to be told";
    std::string failure;
    const auto component = bench.Create(*config, signal, &failure);
    if (component == nullptr) continue;
    ASSERT_TRUE(component->Start(bench).ok());
    Answer answer;
    dynamic_cast<pipeline::Consumer&>(*component).Consume(RealBatch(signal), {}, answer.MakeDone());
    const std::optional<Status> status = answer.Wait();
    ASSERT_TRUE(status.has_value());
    EXPECT_TRUE(status->retryable()) << status->message();
    component->Shutdown();
    EXPECT_EQ(bench.memory.used_bytes(), 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(All, SendingContract,
                         testing::ValuesIn(ComponentsOfKinds({ComponentKind::kExporter})), NameOf);

}  // namespace
}  // namespace weir::tests
