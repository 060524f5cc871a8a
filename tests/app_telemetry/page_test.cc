// Pages and pushes of own metrics beside those of the Collector.
#include <gtest/gtest.h>
#include <re2/re2.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "app/telemetry/metric_otlp.h"
#include "app/telemetry/metric_page.h"
#include "app/telemetry/process_metrics.h"
#include "app/telemetry/views.h"
#include "base/config/yaml.h"
#include "model/json/write.h"
#include "tests/support/golden_status.h"

namespace weir::app {
namespace {

using config::Value;
using Family = MetricStore::Family;

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string GoldenPath(const std::string& file) {
  return tests::SharedData() + "/otelcol-golden/self-metrics/" + file;
}

Value GoldenYaml(const std::string& file) {
  const config::YamlResult parsed = config::ParseYaml(ReadFile(GoldenPath(file)), nullptr);
  return parsed.value ? *parsed.value : Value();
}

std::string Text(const Value& object, const char* key) {
  const Value* found = object.Find(key);
  return found != nullptr && found->is_string() ? found->as_string() : std::string();
}

// Families that this program does not have, as app/telemetry/README.md lists them.
bool IsForeign(const std::string& name) {
  return name.starts_with("promhttp_") || name.starts_with("http_") || name.starts_with("rpc_") ||
         // Their buckets are folded in the recording.
         name.find("_latency") != std::string::npos;
}

// Reads a page back into families; a label set of a histogram stands once.
class PageReader {
 public:
  explicit PageReader(const std::string& page, const Value& otlp) {
    for (const Value& metric : otlp.Find("metrics")->list())
      units_[PrometheusName(Text(metric, "name"))] = Text(metric, "unit");
    std::istringstream in(page);
    for (std::string line; std::getline(in, line);) ReadLine(line);
  }
  std::vector<Family> Take() {
    std::vector<Family> families;
    for (auto& [name, family] : families_) {
      if (!IsForeign(name) && name != "target_info") families.push_back(std::move(family));
    }
    return families;
  }

 private:
  void ReadLine(const std::string& line) {
    static const RE2 kHelp("# HELP (\\S+) (.*)"), kType("# TYPE (\\S+) (.*)"),
        kSample("(\\w+)(?:\\{(.*)\\})? (\\S+)");
    std::string first, second, value;
    if (RE2::FullMatch(line, kHelp, &first, &second)) {
      current_ = first;
      families_[current_].definition = {first, second, units_[first], MetricLevel::kBasic};
    } else if (RE2::FullMatch(line, kType, &first, &second)) {
      families_[current_].type = second == "counter" ? MetricStore::Type::kCounter
                                 : second == "gauge" ? MetricStore::Type::kGauge
                                                     : MetricStore::Type::kHistogram;
    } else if (RE2::FullMatch(line, kSample, &first, &second, &value)) {
      AddSample(first, second, value);
    }
  }
  void AddSample(const std::string& name, const std::string& labels, const std::string& value) {
    Family& family = families_[current_];
    const double number = value == "<value>" ? 0 : std::stod(value);
    MetricLabels parsed;
    std::string bound;
    static const RE2 kLabel("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\",?");
    re2::StringPiece rest(labels);
    for (std::string key, text; RE2::Consume(&rest, kLabel, &key, &text);) {
      if (key == "le") {
        bound = text;
      } else {
        parsed.emplace_back(key, text);
      }
    }
    auto& samples = family.samples;
    auto same = std::find_if(samples.begin(), samples.end(),
                             [&](const MetricStore::Sample& s) { return s.labels == parsed; });
    if (same == samples.end()) same = samples.insert(samples.end(), {parsed, 0, {}});
    if (family.type != MetricStore::Type::kHistogram) {
      same->value = number;
    } else if (name.ends_with("_sum")) {
      same->histogram.sum = number;
    } else if (name.ends_with("_bucket")) {
      uint64_t before = 0;
      for (const uint64_t count : same->histogram.buckets) before += count;
      same->histogram.buckets.push_back(static_cast<uint64_t>(number) - before);
      if (bound == "<bound>") {
        same->histogram.bounds.push_back(1);
        same->histogram.buckets.push_back(0);
      } else if (bound != "+Inf") {
        same->histogram.bounds.push_back(std::stod(bound));
      }
    }
  }

  std::map<std::string, std::string> units_;
  std::map<std::string, Family> families_;
  std::string current_;
};

// Lines of a page in any order, without families that this program does not have.
std::multiset<std::string> Comparable(const std::string& page) {
  std::multiset<std::string> lines;
  std::istringstream in(page);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("# HELP ") || line.starts_with("# TYPE ")) {
      if (!IsForeign(line.substr(7))) lines.insert(line);
      continue;
    }
    if (!IsForeign(line)) lines.insert(line);
  }
  return lines;
}

// Our page of the families that a recorded page shows.
std::string RenderAgain(const std::string& file, const std::string& yaml, PageOptions options) {
  const Value golden = GoldenYaml(yaml);
  std::vector<Family> families =
      PageReader(ReadFile(GoldenPath(file)), *golden.Find("otlp")).Take();
  options.resource = {{"service.instance.id", "<instance>"},
                      {"service.name", "otelcol-contrib"},
                      {"service.version", ""}};
  return RenderMetricPage(families, options);
}

// The recorded page with its normalised parts as RenderAgain fills them.
std::string Recorded(const std::string& file) {
  std::string page = ReadFile(GoldenPath(file));
  RE2::GlobalReplace(&page, "le=\"<bound>\"", "le=\"1\"");
  RE2::GlobalReplace(&page, "<value>", "0");
  return page;
}

std::vector<std::string> Missing(const std::multiset<std::string>& from,
                                 const std::multiset<std::string>& in) {
  std::vector<std::string> missing;
  std::set_difference(from.begin(), from.end(), in.begin(), in.end(), std::back_inserter(missing));
  return missing;
}

void ExpectSamePage(const std::string& ours, const std::string& recorded) {
  const auto a = Comparable(ours), b = Comparable(recorded);
  EXPECT_EQ(Missing(b, a), std::vector<std::string>()) << "recorded, not ours";
  EXPECT_EQ(Missing(a, b), std::vector<std::string>()) << "ours, not recorded";
  EXPECT_GT(a.size(), 40u);
}

TEST(MetricPage, ShowsFamiliesAsTheCollectorDoes) {
  if (tests::SharedData().empty()) GTEST_SKIP() << "shared data is not there; set WEIR_DATA";
  for (const std::string name : {"core-basic", "core-normal", "contrib-normal"}) {
    SCOPED_TRACE(name);
    ExpectSamePage(RenderAgain(name + ".prom", name + ".yaml", {}), Recorded(name + ".prom"));
  }
}

TEST(MetricPage, AddsTheSuffixesAndScopesThatTheCollectorAdds) {
  if (tests::SharedData().empty()) GTEST_SKIP() << "shared data is not there; set WEIR_DATA";
  PageOptions options;
  options.suffixes = {.type = true, .units = true};
  options.scope_info = true;
  for (const std::string name : {"core-basic", "core-normal"}) {
    SCOPED_TRACE(name);
    ExpectSamePage(RenderAgain(name + ".prom", name + ".yaml", options),
                   Recorded(name + "-suffixed.prom"));
  }
}

Family CounterFamily(const std::string& name, const std::string& unit) {
  Family family;
  family.definition = {name, "Help", unit, MetricLevel::kBasic};
  family.samples.push_back({{{"b.c", "x\"y\\z"}, {"a", "1"}}, 3, {}});
  return family;
}

TEST(MetricPage, CleansNamesAndEscapesValues) {
  const std::string page = RenderMetricPage({CounterFamily("processor.filter-1", "1")}, {});
  EXPECT_NE(page.find("processor_filter_1{a=\"1\",b_c=\"x\\\"y\\\\z\"} 3\n"), std::string::npos)
      << page;
}

TEST(MetricPage, HonoursEachSuffixByItself) {
  const Family family = CounterFamily("time_spent", "s");
  EXPECT_EQ(PageName(family, {.type = false, .units = false}), "time_spent");
  EXPECT_EQ(PageName(family, {.type = true, .units = false}), "time_spent_total");
  EXPECT_EQ(PageName(family, {.type = false, .units = true}), "time_spent_seconds");
  EXPECT_EQ(PageName(family, {.type = true, .units = true}), "time_spent_seconds_total");
  EXPECT_EQ(PageName(CounterFamily("cpu_seconds", "s"), {.type = false, .units = true}),
            "cpu_seconds");
  EXPECT_EQ(PageName(CounterFamily("items", "{item}"), {.type = false, .units = true}), "items");
}

TEST(MetricPage, PutsChosenAttributesOnEverySeries) {
  PrometheusReader reader;
  reader.with_resource_constant_labels = IncludeExclude{{"service.name"}, {}};
  const ResourceAttributes resource = {{"host.name", "h"}, {"service.name", "weir"}};
  const auto options = MakePageOptions(reader, resource);
  ASSERT_TRUE(options);
  const std::string page = RenderMetricPage({CounterFamily("items", "")}, *options);
  EXPECT_NE(page.find(",service_name=\"weir\"} 3"), std::string::npos) << page;
  EXPECT_EQ(page.find("host_name=\"h\"} 3"), std::string::npos) << page;
  reader.with_resource_constant_labels = IncludeExclude{{}, {"service.name"}};
  EXPECT_EQ(MakePageOptions(reader, resource)->constant_labels,
            (ResourceAttributes{{"host.name", "h"}}));
  reader.with_resource_constant_labels = IncludeExclude{{"a"}, {"a"}};
  EXPECT_EQ(MakePageOptions(reader, resource).error().message(),
            "attribute cannot be in both include and exclude list: a");
}

TEST(MetricPage, ShowsTheProcessAndItsMemory) {
  MetricStore store;
  ByteBudget memory(1000);
  const Charge charge = memory.TryReserve(300);
  EXPECT_FALSE(memory.TryReserve(900));
  const ProcessMetrics process(store, memory);
  const std::string page = RenderMetricPage(store.Collect(), {});
  for (const char* line :
       {"weir_memory_limit_bytes 1000\n", "weir_memory_used_bytes 300\n",
        "weir_memory_peak_bytes 300\n", "weir_memory_refusals 1\n",
        "# TYPE weir_memory_refusals counter\n", "# TYPE otelcol_process_uptime counter\n"}) {
    EXPECT_NE(page.find(line), std::string::npos) << line << page;
  }
  EXPECT_GT(store.Sum("otelcol_process_cpu_seconds"), 0);
  EXPECT_GT(store.Sum("otelcol_process_memory_rss"), 1e6);
}

TEST(MetricLevel, HidesWhatIsAboveIt) {
  for (const auto& [level, shown] :
       std::vector<std::pair<MetricLevel, size_t>>{{MetricLevel::kNone, 0},
                                                   {MetricLevel::kBasic, 1},
                                                   {MetricLevel::kNormal, 2},
                                                   {MetricLevel::kDetailed, 3}}) {
    MetricStore store(level);
    MetricScope scope(store);
    scope.AddCounter({"a", "", "", MetricLevel::kBasic}, {});
    scope.AddCounter({"b", "", "", MetricLevel::kNormal}, {});
    scope.AddCounter({"c", "", "", MetricLevel::kDetailed}, {});
    EXPECT_EQ(store.Collect().size(), shown);
  }
}

// The metrics of a pushed request as `name kind unit scope [attributes] monotonic`.
std::set<std::string> Describe(const Value& request) {
  std::set<std::string> lines;
  const Value& resource = request.Find("resourceMetrics")->list().at(0);
  for (const Value& scope : resource.Find("scopeMetrics")->list()) {
    for (const Value& metric : scope.Find("metrics")->list()) {
      for (const char* kind : {"sum", "gauge", "histogram"}) {
        const Value* data = metric.Find(kind);
        if (data == nullptr) continue;
        const Value* monotonic = data->Find("isMonotonic");
        std::set<std::string> attributes;
        for (const Value& point : data->Find("dataPoints")->list()) {
          if (const Value* list = point.Find("attributes")) {
            for (const Value& one : list->list()) attributes.insert(Text(one, "key"));
          }
        }
        std::string line = Text(metric, "name") + " " + kind + " " + Text(metric, "unit") + " " +
                           Text(*scope.Find("scope"), "name");
        for (const std::string& attribute : attributes) line += " " + attribute;
        lines.insert(line + (monotonic != nullptr && monotonic->as_bool() ? " monotonic" : ""));
      }
    }
  }
  return lines;
}

std::set<std::string> DescribeRecorded(const Value& otlp) {
  std::set<std::string> lines;
  for (const Value& metric : otlp.Find("metrics")->list()) {
    std::string line = Text(metric, "name") + " " + Text(metric, "kind") + " " +
                       Text(metric, "unit") + " " + Text(metric, "scope");
    for (const Value& attribute : metric.Find("attributes")->list())
      line += " " + attribute.as_string();
    const Value* monotonic = metric.Find("monotonic");
    lines.insert(line + (monotonic != nullptr && monotonic->as_bool() ? " monotonic" : ""));
  }
  return lines;
}

TEST(MetricOtlp, PushesWhatTheCollectorPushes) {
  if (tests::SharedData().empty()) GTEST_SKIP() << "shared data is not there; set WEIR_DATA";
  const Value golden = GoldenYaml("core-normal.yaml");
  const std::vector<Family> families =
      PageReader(ReadFile(GoldenPath("core-normal.prom")), *golden.Find("otlp")).Take();
  const model::Batch batch = MakeMetricBatch(families, {{"service.name", "weir"}}, {});
  std::string json;
  model::json::AppendJsonRequest(batch, json);
  const config::YamlResult parsed = config::ParseYaml(json, nullptr);
  ASSERT_TRUE(parsed.value) << json;
  EXPECT_EQ(Describe(*parsed.value), DescribeRecorded(*golden.Find("otlp")));
}

MetricView ViewOf(const std::string& pattern) {
  MetricView view;
  view.selector.emplace().instrument_name = pattern;
  view.stream.emplace();
  return view;
}

TEST(MetricViews, DropsAndRenames) {
  MetricView drop = ViewOf("otelcol_*_sp?ns");
  drop.stream->aggregation.emplace().drop = Value::OfMap({});
  MetricView rename = ViewOf("otelcol_process_uptime");
  rename.stream->name = "uptime";
  const auto views = MetricViews::Make({drop, rename});
  ASSERT_TRUE(views);
  std::vector<Family> families = {CounterFamily("otelcol_receiver_accepted_spans", ""),
                                  CounterFamily("otelcol_process_uptime", "s"),
                                  CounterFamily("otelcol_spans", "")};
  views->Apply(families);
  ASSERT_EQ(families.size(), 2u);
  EXPECT_EQ(families[0].definition.name, "uptime");
  EXPECT_EQ(families[1].definition.name, "otelcol_spans");
}

TEST(MetricViews, NamesTheKeyItCannotFollow) {
  MetricView view = ViewOf("a");
  view.stream->attribute_keys.emplace();
  EXPECT_EQ(MetricViews::Make({ViewOf("b"), view}).error().message(),
            "service::telemetry::metrics::views::1::stream::attribute_keys is not supported; a "
            "view may drop, rename or describe metrics by instrument_name");
}

}  // namespace
}  // namespace weir::app
