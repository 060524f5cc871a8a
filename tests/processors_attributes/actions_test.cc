// What the recorded cases do not show: sources that come from the sender, repeated keys, defaults.
#include "pipeline/attributes/actions.h"

#include <gtest/gtest.h>

#include "base/config/decode.h"
#include "base/config/yaml.h"
#include "model/fields.h"
#include "model/json/value_text.h"
#include "model/wire.h"

namespace weir::pipeline::attributes {
namespace {

struct Holder {
  std::vector<ActionConfig> actions;
  void Fields(config::Fields& f) { f("actions", actions); }
};

AttributeActions Actions(const std::string& yaml) {
  auto parsed = config::ParseYaml("actions: " + yaml, nullptr);
  Holder holder;
  config::Problems problems;
  config::Decode(*parsed.value, "x", holder, problems);
  EXPECT_TRUE(problems.ok());
  auto actions = AttributeActions::Compile(holder.actions);
  EXPECT_TRUE(actions.has_value());
  return std::move(*actions);
}

std::string LogWith(const std::vector<std::pair<std::string, std::string>>& attributes) {
  std::string log;
  for (const auto& [key, value] : attributes) {
    std::string entry;
    model::AppendBytesField(entry, model::fields::KeyValue::kKey, key);
    model::AppendBytesField(entry, model::fields::KeyValue::kValue, model::StringValue(value));
    model::AppendBytesField(log, model::fields::LogRecord::kAttributes, entry);
  }
  return log;
}

// "a=1 b=2": the attributes after the actions.
std::string After(const AttributeActions& actions, const std::string& log,
                  const ClientInfo* client = nullptr) {
  model::MessageEditor editor;
  editor.Reset(log, model::fields::LogRecord::kAttributes);
  actions.Bind(client).Apply(editor.attributes());
  std::string out;
  const auto& attributes = editor.attributes();
  for (size_t i = 0; i < attributes.size(); ++i) {
    if (i > 0) out += ' ';
    out += std::string(attributes.key(i)) + "=" + model::json::ValueText(attributes.value(i));
  }
  return out;
}

TEST(AttributeActions, TakeTheSendersAddressWithoutPort) {
  const auto actions = Actions("[{key: peer, from_context: client.address, action: insert}]");
  ClientInfo client;
  client.address = "10.1.2.3:4567";
  EXPECT_EQ(After(actions, "", &client), "peer=10.1.2.3");
  client.address = "[fe80::1%eth0]:4567";
  EXPECT_EQ(After(actions, "", &client), "peer=fe80::1");
  client.address = "::1";
  EXPECT_EQ(After(actions, "", &client), "peer=::1");
  EXPECT_EQ(After(actions, "", nullptr), "peer=");
}

TEST(AttributeActions, TakeMetadataAndAuthentication) {
  const auto actions = Actions(
      "[{key: t, from_context: X-Tenant, action: insert}, {key: u, from_context: auth.username, "
      "action: insert}, {key: v, from_context: auth.none, action: insert}]");
  ClientInfo client;
  client.metadata = {{"x-tenant", {"a", "b"}}};
  client.auth = {{"username", "joe"}};
  EXPECT_EQ(After(actions, "", &client), "t=a;b u=joe");
  EXPECT_EQ(After(actions, "", nullptr), "");
}

TEST(AttributeActions, UseTheDefaultWhenTheSourceHasNothing) {
  const auto actions =
      Actions("[{key: e, from_attribute: f, default_value: prod, action: upsert}]");
  EXPECT_EQ(After(actions, ""), "e=prod");
  EXPECT_EQ(After(actions, LogWith({{"f", "x"}})), "f=x e=x");
  EXPECT_EQ(After(actions, LogWith({{"e", "old"}})), "e=prod");
  EXPECT_EQ(After(Actions("[{key: e, value: a, default_value: b, action: insert}]"), ""), "e=a");
}

TEST(AttributeActions, DeleteEveryKeyAPatternMatches) {
  const auto actions = Actions("[{pattern: '^p', action: delete}]");
  EXPECT_EQ(After(actions, LogWith({{"p1", "a"}, {"x", "b"}, {"p2", "c"}, {"p1", "d"}})), "x=b");
}

TEST(AttributeActions, KeepBytesTheyDoNotTouch) {
  const std::string log = LogWith({{"a", "1"}, {"b", "2"}});
  model::MessageEditor editor;
  editor.Reset(log, model::fields::LogRecord::kAttributes);
  Actions("[{key: nope, action: delete}, {key: a, value: 9, action: insert}]")
      .Bind(nullptr)
      .Apply(editor.attributes());
  EXPECT_FALSE(editor.changed());
}

}  // namespace
}  // namespace weir::pipeline::attributes
