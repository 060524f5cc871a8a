// Batches of a given number of log records, and what is in one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/batch.h"
#include "model/check.h"
#include "model/wire.h"

namespace weir::pipeline::tests {

// `items` log records in one resource; record i has the body `prefix`i.
inline model::Batch Logs(size_t items, const std::string& prefix = "r") {
  std::string records;
  for (size_t i = 0; i < items; ++i) {
    std::string body;
    model::AppendBytesField(body, 1, prefix + std::to_string(i));
    std::string record;
    model::AppendBytesField(record, 5, body);
    model::AppendBytesField(records, 2, record);
  }
  std::string resource;
  model::AppendBytesField(resource, 2, records);
  std::string request;
  model::AppendBytesField(request, 1, resource);
  return *model::CheckRequest(model::Signal::kLogs, Slice::Copy(request));
}

// The bodies of a batch's records, in order.
inline std::vector<std::string> Bodies(const model::Batch& batch) {
  std::vector<std::string> bodies;
  batch.ForEachResource([&](std::string_view resource, uint32_t, const Slice&) {
    for (model::WireReader scopes(resource); scopes.Next();) {
      if (scopes.tag() != model::BytesTag(2)) continue;
      for (model::WireReader records(scopes.bytes()); records.Next();) {
        for (model::WireReader record(records.bytes()); record.Next();) {
          if (record.tag() != model::BytesTag(5)) continue;
          model::WireReader body(record.bytes());
          if (body.Next()) bodies.emplace_back(body.bytes());
        }
      }
    }
  });
  return bodies;
}

}  // namespace weir::pipeline::tests
