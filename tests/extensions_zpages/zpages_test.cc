// The zpages extension beside what a reader of the Collector's pages saw.
#include "extensions/zpages/zpages.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "base/config/decode.h"
#include "base/config/yaml.h"
#include "extensions/zpages/html.h"
#include "extensions/zpages/pages.h"
#include "tests/support/golden_status.h"
#include "tests/support/manual_executor.h"
#include "tests/support/raw_http.h"

namespace weir::extensions::zpages {
namespace {

using config::Value;
using pipeline::ComponentKind;

// The program of the recording.
class RecordedService final : public pipeline::ServiceView {
 public:
  const pipeline::BuildInfo& build() const override { return build_; }
  std::chrono::system_clock::time_point started_at() const override {
    return std::chrono::system_clock::time_point(std::chrono::seconds(1'800'000'000));
  }
  std::vector<pipeline::PipelineInfo> Pipelines() const override {
    using model::Signal;
    return {{{Signal::kTraces, ""},
             true,
             {{"otlp", ""}},
             {{"batch", ""}},
             {{"forward", ""}, {"nop", ""}}},
            {{Signal::kTraces, "two"}, false, {{"forward", ""}}, {}, {{"debug", ""}}},
            {{Signal::kLogs, ""}, false, {{"otlp", ""}}, {}, {{"debug", ""}}}};
  }
  std::vector<pipeline::ComponentInfo> Components() const override {
    return {{ComponentKind::kReceiver, {"otlp", ""}, "traces", {}, ""},
            {ComponentKind::kConnector, {"forward", ""}, "traces to traces", {}, ""},
            {ComponentKind::kExtension, {"zpages", ""}, "", {}, ""},
            {ComponentKind::kExtension, {"health_check", ""}, "", {}, ""}};
  }
  std::vector<pipeline::FeatureInfo> Features() const override {
    return {{"confmap.enableMergeAppendOption", false,
             "Combines lists when resolving configs from different sources. This feature gate will "
             "not be stabilized 'as is'; the current behavior will remain the default.",
             "Alpha", "v0.120.0", "",
             "https://github.com/open-telemetry/opentelemetry-collector/issues/8754"}};
  }
  std::string LedgerJson() const override { return "{\"edges\":[]}"; }

 private:
  const pipeline::BuildInfo build_{"otelcol-contrib", "", ""};
};

class TestHost final : public pipeline::Host {
 public:
  const pipeline::ServiceView* service_view() const override { return &view_; }
  pipeline::Component* FindExtension(const pipeline::ComponentId&) override { return nullptr; }
  void ReportState(const pipeline::Component&, pipeline::ComponentState, const Status&) override {}

 private:
  RecordedService view_;
};

class ZpagesTest : public testing::Test {
 protected:
  ZpagesTest() {
    config_.server.endpoint = "127.0.0.1:0";
    const pipeline::Settings settings{{"zpages", ""}, {}, nullptr, executor_, memory_, build_};
    extension_ = std::make_unique<Zpages>(settings, config_);
    EXPECT_TRUE(extension_->Start(host_).ok());
  }
  std::optional<tests::RawResponse> Ask(const std::string& method, const std::string& target) {
    tests::RawHttp client(extension_->port());
    client.Send(method + " " + target + " HTTP/1.1\r\nHost: t\r\n\r\n");
    return client.Receive();
  }

  tests::ManualExecutor executor_;
  ByteBudget memory_{1 << 20};
  pipeline::BuildInfo build_;
  TestHost host_;
  ZpagesConfig config_;
  std::unique_ptr<Zpages> extension_;
};

std::string Unescape(std::string text) {
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"&lt;", "<"}, {"&gt;", ">"}, {"&#39;", "'"}, {"&#34;", "\""}, {"&amp;", "&"}}) {
    for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
      text.replace(at, from.size(), to);
  }
  return text;
}

// What a reader sees: the texts between the tags.
std::vector<std::string> VisibleText(std::string html) {
  RE2::GlobalReplace(&html, "<style>[^<]*</style>", "");
  std::vector<std::string> texts;
  re2::StringPiece rest(html);
  static const RE2 kText(">\\s*([^<]*)");
  for (std::string text; RE2::FindAndConsume(&rest, kText, &text);) {
    const size_t last = text.find_last_not_of(" \n");
    if (last != std::string::npos) texts.push_back(Unescape(text.substr(0, last + 1)));
  }
  return texts;
}

// The page's own links; those to fonts and styles elsewhere are not ours.
std::vector<std::string> Links(const std::string& html) {
  std::vector<std::string> links;
  re2::StringPiece rest(html);
  static const RE2 kLink("<a href=\"([^\"]*)\"");
  for (std::string link; RE2::FindAndConsume(&rest, kLink, &link);) links.push_back(Unescape(link));
  std::sort(links.begin(), links.end());
  return links;
}

std::vector<std::string> Strings(const Value& list) {
  std::vector<std::string> strings;
  strings.reserve(list.list().size());
  for (const Value& item : list.list())
    strings.push_back(item.is_string() ? item.as_string() : item.text());
  return strings;
}

// Ours names its compiler where the Collector names Go, and start times differ.
void ReplaceRuntime(std::vector<std::string>& texts) {
  for (size_t i = 1; i < texts.size(); ++i) {
    if (texts[i - 1] == "StartTimestamp") texts[i] = "<time>";
    if (texts[i - 1] == "Go" || texts[i - 1] == "Compiler") {
      texts[i - 1] = "<language>";
      texts[i] = "<version>";
    }
  }
}

TEST_F(ZpagesTest, ShowsWhatTheCollectorShows) {
  if (tests::SharedData().empty()) GTEST_SKIP() << "shared data is not there; set WEIR_DATA";
  std::ifstream in(tests::SharedData() + "/otelcol-golden/zpages/cases.yaml");
  const std::string golden{std::istreambuf_iterator<char>(in), {}};
  const Value file = *config::ParseYaml(golden, nullptr).value;
  int compared = 0;
  for (const Value& one : file.Find("cases")->list()) {
    const std::string name = one.Find("name")->as_string();
    if (!name.starts_with('/')) continue;  // a method, or another configuration
    SCOPED_TRACE(name);
    const auto got = Ask("GET", name);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->status, one.Find("status")->as_int());
    for (const auto& [header, value] : one.Find("headers")->map())
      EXPECT_EQ(got->Header(header), value.as_string());
    const bool html = got->status == 200;
    std::vector<std::string> ours =
        html ? VisibleText(got->body)
             : std::vector<std::string>{got->body.substr(0, got->body.size() - 1)};
    std::vector<std::string> recorded = Strings(*one.Find("text"));
    ReplaceRuntime(ours);
    ReplaceRuntime(recorded);
    EXPECT_EQ(ours, recorded);
    if (const Value* links = one.Find("links"); links != nullptr && html) {
      std::vector<std::string> own = Strings(*links);
      std::erase_if(own, [](const std::string& link) { return link.starts_with("https://"); });
      EXPECT_EQ(Links(got->body), own);
    }
    ++compared;
  }
  EXPECT_EQ(compared, 15);
}

TEST_F(ZpagesTest, AnswersEveryMethod) { EXPECT_EQ(Ask("POST", "/debug/servicez")->status, 200); }

TEST_F(ZpagesTest, ServesTheLedger) {
  const auto ledger = Ask("GET", "/debug/ledger");
  EXPECT_EQ(ledger->body, "{\"edges\":[]}");
  EXPECT_EQ(ledger->Header("Content-Type"), "application/json; charset=utf-8");
}

TEST_F(ZpagesTest, EscapesWhatItIsAskedFor) {
  const std::string body = Ask("GET", "/debug/extensionz?zextensionname=%3Cscript%3E")->body;
  EXPECT_EQ(body.find("<script>"), std::string::npos);
  EXPECT_NE(body.find("&lt;script&gt;"), std::string::npos);
}

TEST(Html, EscapesTextAndQueries) {
  EXPECT_EQ(EscapeHtml("a<b> & \"c\" 'd'"), "a&lt;b&gt; &amp; &#34;c&#34; &#39;d&#39;");
  EXPECT_EQ(EscapeQuery("traces/two (x)~"), "traces%2ftwo%20%28x%29~");
}

TEST(ZpagesConfig, NeedsAnEndpoint) {
  ZpagesConfig config;
  config::Problems problems;
  const Value section =
      *config::ParseYaml("{endpoint: '', expvar: {enabled: true}}", nullptr).value;
  config::Decode(section, "extensions::zpages", config, problems);
  ASSERT_TRUE(problems.ok());
  config::Validate(section, "extensions::zpages", config, problems);
  ASSERT_EQ(problems.errors().size(), 1u);
  EXPECT_EQ(problems.errors()[0].text,
            "\"endpoint\" is required when using the \"zpages\" extension");
}

}  // namespace
}  // namespace weir::extensions::zpages
