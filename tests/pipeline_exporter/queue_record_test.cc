#include "pipeline/queue_record.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/pipeline_exporter/batches.h"

namespace weir::pipeline::tests {
namespace {

std::string Encoded(const model::Batch& batch, const ClientInfo* client) {
  std::string record;
  for (const Slice& part : EncodeQueueRecord(batch, client)) record += part.view();
  return record;
}

ClientInfo SomeClient() {
  ClientInfo client;
  client.address = "1.2.3.4:5";
  client.metadata = {{"tenant", {"a", ""}}, {"empty", {}}};
  client.auth = {{"username", "u"}};
  client.authenticated = true;
  return client;
}

TEST(QueueRecord, ReadsWhatItWrote) {
  const ClientInfo client = SomeClient();
  const auto record =
      DecodeQueueRecord(model::Signal::kLogs, Slice::Copy(Encoded(Logs(3, "x"), &client)));
  ASSERT_TRUE(record) << record.error().message();
  EXPECT_EQ(Bodies(record->batch), (std::vector<std::string>{"x0", "x1", "x2"}));
  ASSERT_NE(record->client, nullptr);
  EXPECT_EQ(record->client->address, client.address);
  EXPECT_EQ(record->client->metadata, client.metadata);
  EXPECT_TRUE(record->client->auth.empty());
  const auto anonymous =
      DecodeQueueRecord(model::Signal::kLogs, Slice::Copy(Encoded(Logs(1), nullptr)));
  ASSERT_TRUE(anonymous);
  EXPECT_EQ(anonymous->client, nullptr);
}

// Golden bytes of version 1: docs/formats/queue-record.md.
TEST(QueueRecord, LooksAsDocumented) {
  ClientInfo client;
  client.address = "h:1";
  client.metadata = {{"k", {"v"}}};
  const std::string expected(
      "\xe7\x01\x02\x00\x0f\x00\x00\x00"
      "\x08\x01"
      "\x12\x03h:1"
      "\x1a\x06\x0a\x01k\x12\x01v"
      "\x0a\x0a\x12\x08\x12\x06\x2a\x04\x0a\x02r0",
      35);
  EXPECT_EQ(Encoded(Logs(1), &client), expected);
}

TEST(QueueRecord, RefusesWhatIsDamaged) {
  const ClientInfo client = SomeClient();
  const std::string good = Encoded(Logs(2), &client);
  const auto why = [](const std::string& bytes) {
    const auto record = DecodeQueueRecord(model::Signal::kLogs, Slice::Copy(bytes));
    return record ? std::string() : record.error().message();
  };
  EXPECT_EQ(why(good), "");
  EXPECT_EQ(why(good.substr(0, 7)), "damaged queue record: shorter than its header");
  std::string bad = good;
  bad[0] = 'x';
  EXPECT_EQ(why(bad), "damaged queue record: no magic byte");
  bad = good;
  bad[1] = 9;
  EXPECT_EQ(why(bad), "damaged queue record: version 9");
  bad = good;
  bad[2] = 0;
  EXPECT_EQ(why(bad), "damaged queue record: signal 0");
  bad = good;
  bad[7] = 1;
  EXPECT_EQ(why(bad), "damaged queue record: header past the end");
  bad = good;
  bad[9] = 7;
  EXPECT_EQ(why(bad), "damaged queue record: 2 items instead of 7");
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_NE(why(good.substr(0, size)), "") << size;
}

}  // namespace
}  // namespace weir::pipeline::tests
