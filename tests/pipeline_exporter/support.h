// What the exporter helper's tests share: a sender whose answers the test gives, batches of a given
// number of items, and an exporter around both.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/metric_store.h"
#include "pipeline/exporter_helper.h"
#include "tests/pipeline_exporter/batches.h"
#include "tests/support/captured_log.h"
#include "tests/support/manual_executor.h"

namespace weir::pipeline::tests {

// Keeps each attempt until the test answers it, or answers at once by `answer_now`. Thread-safe as
// far as the mutex says.
class FakeSender final : public Sender {
 public:
  struct Attempt {
    model::Batch batch;
    Context context;
    Done done;
  };
  Status Start(Host&) override {
    ++starts;
    return start_answer;
  }
  void Send(model::Batch batch, const Context& context, Done done) override {
    ++sends;
    if (answer_now) return done(answer_now(batch));
    attempts.push_back({std::move(batch), context, std::move(done)});
  }
  void Shutdown() override { ++shutdowns; }

  // Answers the oldest attempt.
  void Answer(Status status) {
    ASSERT_FALSE(attempts.empty()) << "nobody waits for an answer";
    Attempt attempt = std::move(attempts.front());
    attempts.erase(attempts.begin());
    attempt.done(std::move(status));
  }

  std::function<Status(const model::Batch&)> answer_now;
  std::vector<Attempt> attempts;
  Status start_answer;
  int starts = 0;
  int sends = 0;
  int shutdowns = 0;
};

class FakeHost final : public Host {
 public:
  Component* FindExtension(const ComponentId& id) override {
    const auto found = extensions.find(id.ToString());
    return found == extensions.end() ? nullptr : found->second;
  }
  void ReportState(const Component&, ComponentState, const Status&) override {}
  std::map<std::string, Component*> extensions;
};

// One answer of the exporter.
struct Answer {
  std::atomic<int> count{0};  // after the status
  Status status;
};

class ExporterTest : public testing::Test {
 protected:
  ExporterTest() {
    options_.queue = config::Optional<QueueConfig>::On();
    options_.timeout.timeout = config::Duration::zero();
    options_.retry.randomization_factor = 0;
  }
  ~ExporterTest() override {
    if (exporter_) exporter_->Shutdown();
  }

  QueueConfig& queue() { return options_.queue.value(); }
  void NoQueue() { options_.queue = config::Optional<QueueConfig>::Off(); }

  void Make() {
    auto sender = std::make_unique<FakeSender>();
    sender_ = sender.get();
    const Settings settings{{"otlp", "x"}, Logger(log_), &store_, executor_, budget_, build_};
    exporter_ = MakeExporter(settings, model::Signal::kLogs, options_, std::move(sender));
  }
  void Start() {
    Make();
    const Status started = exporter_->Start(host_);
    ASSERT_TRUE(started.ok()) << started.message();
  }
  // The answer arrives in the returned object, now or later.
  std::shared_ptr<Answer> Consume(model::Batch batch, const Context& context = {}) {
    auto answer = std::make_shared<Answer>();
    exporter_->Consume(std::move(batch), context, [answer](Status status) {
      answer->status = std::move(status);
      ++answer->count;
    });
    return answer;
  }
  Context Until(std::chrono::nanoseconds from_now) {
    Context context;
    context.deadline = executor_.clock().Now() + from_now;
    return context;
  }
  double Metric(const std::string& name, const MetricLabels& labels = {}) {
    return store_.Sum("otelcol_exporter_" + name, labels);
  }
  double QueueSize() { return Metric("queue_size"); }
  double Dropped(const std::string& reason) {
    return store_.Sum("weir_dropped_items", {{"reason", reason}});
  }
  static std::string Text(const weir::tests::CapturedLog::Line& line, std::string_view key) {
    for (const LogField& field : line.fields) {
      if (field.key != key) continue;
      if (const auto* text = std::get_if<std::string>(&field.value)) return *text;
      if (const auto* number = std::get_if<uint64_t>(&field.value)) return std::to_string(*number);
    }
    return "(none)";
  }

  std::shared_ptr<weir::tests::CapturedLog> log_ = std::make_shared<weir::tests::CapturedLog>();
  MetricStore store_{MetricLevel::kDetailed};
  weir::tests::ManualExecutor executor_;
  ByteBudget budget_{64 << 20};
  BuildInfo build_;
  FakeHost host_;
  ExporterOptions options_;
  FakeSender* sender_ = nullptr;
  std::unique_ptr<Exporter> exporter_;
};

}  // namespace weir::pipeline::tests
