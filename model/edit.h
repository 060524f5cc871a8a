// Editing a batch without decoding it (DESIGN §1.2): a processor visits the messages it cares about
// and records changes; everything else is shared or copied as it stands.
//
//   class AddHost : public BatchVisitor {
//     void OnItem(MessageEditor& log) override { log.attributes().Upsert("host", value_); }
//   };
//   Batch out = EditBatch(batch, add_host);
//
// The order is the source's: a resource, its first scope, that scope's items, its next scope, ... A
// visitor keeps in its members what it has to know of the resource and scope around an item. What
// was recorded for a message is applied when its callback returns.
//
// Resources in which nothing changed keep their slices; each changed one is written once, in one
// pass, all into one fresh buffer. A batch without changes comes back as it is, compressed form
// included. Counts are kept exact.
#pragma once

#include "base/byte_budget.h"
#include "model/batch.h"
#include "model/message_editor.h"
#include "model/metric_view.h"

namespace weir::model {

// Whether to go into the messages inside this one, or leave them as they are.
enum class Descend : uint8_t { kInto, kOver };

class BatchVisitor {
 public:
  virtual ~BatchVisitor() = default;

  // `entry` is a ResourceSpans, -Metrics or -Logs (its schema_url; Drop removes all of it), and
  // `resource` its Resource, empty when there is none.
  virtual Descend OnResource(MessageEditor& entry, MessageEditor& resource);
  // `entry` is a ScopeSpans, -Metrics or -Logs, and `scope` its InstrumentationScope.
  virtual Descend OnScope(MessageEditor& entry, MessageEditor& scope);
  // A span or log record.
  virtual void OnItem(MessageEditor& item);
  // A metric without its data points: kInto visits them. Its attributes() are its metadata.
  virtual Descend OnMetric(MessageEditor& metric);
  // A data point, of the metric OnMetric saw last. `kind` tells which view its message has.
  virtual void OnDataPoint(MetricKind kind, MessageEditor& point);
};

struct EditOptions {
  // Removes metrics, scopes and resources that have no items left, also those that had none before,
  // as the Collector's filters do. Only in what was descended into.
  bool remove_empty = false;
  // Charged for the fresh buffer, past its limit if need be.
  ByteBudget* budget = nullptr;
};

// Replace() is for items, data points, and for metrics that are not descended into; entries that
// are descended into take field edits only.
Batch EditBatch(const Batch& batch, BatchVisitor& visitor, const EditOptions& options = {});

}  // namespace weir::model
