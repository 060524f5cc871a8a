// Guarantees: rooms include only the rooms below them, and every third party enters by its door
// (DESIGN §9, ARCHITECTURE.md).
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "tests/architecture/source_tree.h"

namespace weir::tests {
namespace {

const std::set<std::string> kKinds = {"receivers", "processors", "exporters", "connectors",
                                      "extensions"};

// Who may include whom; a component may include its own folder besides.
const std::map<std::string, std::set<std::string>> kRooms = {
    {"base", {"base"}},
    {"model", {"base", "model"}},
    {"net", {"base", "net"}},
    {"pipeline", {"base", "model", "pipeline"}},
    {"storage", {"base", "model", "storage"}},
    {"query", {"base", "model", "storage", "query"}},
    {"alerting", {"base", "net", "query", "alerting"}},
    {"api", {"base", "net", "query", "alerting", "storage", "api"}},
};
const std::set<std::string> kComponentMayInclude = {"base", "model", "net", "pipeline"};
// Where pipelines meet storage.
const std::set<std::string> kStorageBridges = {"exporters/store", "extensions/store",
                                               "extensions/file_storage"};
// May include everything.
const std::set<std::string> kTop = {"app", "tests", "bench", "demo"};

std::string FolderOf(const std::string& path, int depth) {
  size_t end = 0;
  for (int i = 0; i < depth && end != std::string::npos; ++i) end = path.find('/', end + (i > 0));
  return path.substr(0, end);
}

bool MayInclude(const std::string& from, const std::string& to) {
  const std::string room = FolderOf(from, 1), other = FolderOf(to, 1);
  if (kTop.count(room) > 0) return true;
  if (kKinds.count(room) > 0) {
    const std::string self = FolderOf(from, 2);
    if (kKinds.count(other) > 0) return FolderOf(to, 2) == self;
    return kComponentMayInclude.count(other) > 0 ||
           (other == "storage" && kStorageBridges.count(self) > 0);
  }
  const auto rules = kRooms.find(room);
  return rules != kRooms.end() && rules->second.count(other) > 0;
}

TEST(IncludeRules, RoomsIncludeOnlyWhatIsBelowThem) {
  size_t checked = 0;
  for (const SourceFile& file : SourceFiles()) {
    for (const std::string& include : file.own_includes) {
      ++checked;
      EXPECT_TRUE(MayInclude(file.path, include)) << file.path << " includes " << include;
    }
  }
  EXPECT_GT(checked, 500u);
}

TEST(IncludeRules, IncludesStartAtTheRoot) {
  for (const SourceFile& file : SourceFiles()) {
    if (kTop.count(FolderOf(file.path, 1)) > 0) continue;
    for (const std::string& include : file.own_includes)
      EXPECT_TRUE(Exists(include)) << file.path << " includes " << include;
  }
}

// The first part of a third party's header and where it may be included; a prefix of paths.
const std::map<std::string, std::vector<std::string>> kDoors = {
    {"yaml-cpp/", {"base/config/yaml.cc"}},
    {"spdlog/", {"app/telemetry/log_sink."}},
    {"fmt/", {"app/telemetry/log_sink."}},
    {"prometheus/", {"app/telemetry/metric_page."}},
    {"concurrentqueue/", {"base/bounded_queue.h"}},
    {"moodycamel/", {"base/bounded_queue.h"}},
    {"grpc", {"net/grpc_"}},
    {"protozero/", {"model/", "net/status_mapping.cc"}},
    {"google/", {}},
    {"boost/", {"net/"}},
    {"openssl/ssl", {"net/"}},
    // Hashes and comparisons in constant time.
    {"openssl/",
     {"net/", "pipeline/attributes/", "extensions/basicauth/", "extensions/bearertokenauth/"}},
    {"zstd", {"net/compression/", "storage/codec/"}},
    {"lz4", {"net/compression/", "storage/codec/", "storage/journal/"}},
    {"snappy", {"net/compression/"}},
    {"isa-l", {"net/compression/", "storage/io/"}},
    {"zlib.h", {"net/compression/"}},
    {"re2/", {"pipeline/attributes/", "query/"}},
    {"rapidjson/", {"model/json/", "api/"}},
    {"simdjson", {"model/json/", "api/", "query/"}},
    {"sqlite3.h", {"storage/", "alerting/", "api/"}},
    {"librdkafka/", {"exporters/kafka/", "receivers/kafka/"}},
};

TEST(IncludeRules, ThirdPartiesEnterByTheirDoors) {
  for (const SourceFile& file : SourceFiles()) {
    const std::string room = FolderOf(file.path, 1);
    if (room == "tests" || room == "bench" || room == "demo") continue;
    for (const std::string& include : file.foreign_includes) {
      for (const auto& [prefix, doors] : kDoors) {
        if (include.compare(0, prefix.size(), prefix) != 0) continue;
        bool allowed = false;
        for (const std::string& door : doors)
          allowed = allowed || file.path.compare(0, door.size(), door) == 0;
        EXPECT_TRUE(allowed) << file.path << " includes <" << include << ">";
      }
    }
  }
}

TEST(IncludeRules, WhatIsNotNamedStaysOut) {
  EXPECT_FALSE(MayInclude("base/x.cc", "pipeline/graph.h"));
  EXPECT_FALSE(MayInclude("pipeline/graph.cc", "app/run.h"));
  EXPECT_FALSE(MayInclude("receivers/otlp/x.cc", "exporters/nop/nop.h"));
  EXPECT_FALSE(MayInclude("processors/batch/x.cc", "processors/filter/filter.h"));
  EXPECT_FALSE(MayInclude("storage/io/x.cc", "pipeline/consumer.h"));
  EXPECT_TRUE(MayInclude("processors/batch/x.cc", "processors/batch/batch.h"));
}

}  // namespace
}  // namespace weir::tests
