// The exporter's own metrics beside the page recorded from the Collector (scenario `core`, level
// detailed): names, help texts and label names.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <string>

#include "tests/pipeline_exporter/support.h"
#include "tests/support/golden_status.h"

namespace weir::pipeline::tests {
namespace {

struct Shown {
  std::string help;
  std::set<std::string> labels;
};
using Page = std::map<std::string, Shown>;

std::set<std::string> LabelNames(const std::string& line) {
  std::set<std::string> names;
  size_t at = line.find('{');
  while (at != std::string::npos && line[at] != '}') {
    const size_t equals = line.find("=\"", at + 1);
    if (equals == std::string::npos) break;
    names.insert(line.substr(at + 1, equals - at - 1));
    at = line.find('"', equals + 2) + 1;
  }
  names.erase("le");
  return names;
}

// Families of a Prometheus page whose names begin with `prefix`; label names of their first series.
Page Recorded(const std::string& file, const std::string& prefix) {
  Page page;
  std::ifstream in(file);
  std::string name;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("# HELP ")) {
      const size_t end = line.find(' ', 7);
      name = line.substr(7, end - 7);
      if (name.starts_with(prefix)) page[name].help = line.substr(end + 1);
    } else if (line[0] != '#' && name.starts_with(prefix) && page[name].labels.empty()) {
      page[name].labels = LabelNames(line);
    }
  }
  return page;
}

class ExporterMetricsPage : public ExporterTest {
 protected:
  Page Ours() {
    Page page;
    for (const MetricStore::Family& family : store_.Collect()) {
      Shown& shown = page[family.definition.name];
      shown.help = family.definition.description;
      for (const auto& [key, value] : family.samples.front().labels) shown.labels.insert(key);
    }
    return page;
  }
};

TEST_F(ExporterMetricsPage, IsTheCollectors) {
  if (weir::tests::SharedData().empty()) GTEST_SKIP() << "shared data is not there; set WEIR_DATA";
  options_.sent_labels = {{"server_address", "h"}, {"server_port", "1"}, {"url_path", "/v1/x"}};
  options_.retry.enabled = false;
  queue().queue_size = 1;
  Start();
  (void)Consume(Logs(1));
  (void)Consume(Logs(1));  // refused
  sender_->Answer(Status(StatusCode::kInvalidArgument, "no"));
  Page recorded =
      Recorded(weir::tests::SharedData() + "/otelcol-golden/self-metrics/core-detailed.prom",
               "otelcol_exporter_");
  recorded.erase("otelcol_exporter_prometheusremotewrite_consumers");
  const Page ours = Ours();
  ASSERT_GE(recorded.size(), 9u);
  for (const auto& [recorded_name, shown] : recorded) {
    // The scenario's signals differ; ours sends logs.
    std::string name = recorded_name, help = shown.help;
    for (const auto& [from, to] : std::map<std::string, std::string>{
             {"_spans", "_log_records"}, {"_metric_points", "_log_records"}}) {
      if (name.ends_with(from)) name.replace(name.size() - from.size(), from.size(), to);
    }
    for (const std::string words : {"Number of spans", "Number of metric points"}) {
      if (help.starts_with(words)) help = "Number of log records" + help.substr(words.size());
    }
    const auto found = ours.find(name);
    ASSERT_NE(found, ours.end()) << name;
    EXPECT_EQ(found->second.help, help) << name;
    std::set<std::string> labels = shown.labels;
    if (labels.contains("server_port")) labels.insert("url_path");  // gRPC has no path
    EXPECT_EQ(found->second.labels, labels) << name;
  }
}

TEST_F(ExporterMetricsPage, ShowsTheQueueAtStartAndTheRestWhenItHappens) {
  Start();
  EXPECT_EQ(Ours().size(), 2u);
  (void)Consume(Logs(1));
  EXPECT_TRUE(Ours().contains("otelcol_exporter_in_flight_requests"));
  EXPECT_FALSE(Ours().contains("otelcol_exporter_sent_log_records"));
  sender_->Answer(Status());
  EXPECT_TRUE(Ours().contains("otelcol_exporter_sent_log_records"));
  EXPECT_FALSE(Ours().contains("otelcol_exporter_send_failed_log_records"));
}

}  // namespace
}  // namespace weir::pipeline::tests
