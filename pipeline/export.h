// What the stages behind an exporter's door pass on: one export, and how the next stage takes it.
//
//   queue ─► batcher ─► dispatcher ─► retry ─► Sender
//
// Each stage is an ExportStage and knows the next one; the answer travels back through `done`.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/status.h"
#include "model/batch.h"
#include "pipeline/consumer.h"

namespace weir::pipeline {

struct Export {
  model::Batch batch;
  Context context;  // without reservations
  Done done;
  // The batch was merged from several requests, and when the backend refuses it for good because of
  // what is in it (BlamesData), its parts are sent again each by itself: that refusal is not an end
  // and is not reported as one.
  bool parts_follow = false;
};

class ExportStage {
 public:
  virtual ~ExportStage() = default;
  // Takes an export and answers through its done exactly once, from any thread, possibly inside the
  // call. Never blocks. Thread-safe.
  virtual void Take(Export one) = 0;
};

// Whether `status` is a refusal for good that another batch need not share: sending the parts of a
// merged batch by themselves can save some of them. Who is not let in, or knocks at the wrong door,
// is refused whatever it brings.
inline bool BlamesData(const Status& status) {
  return status.permanent() && status.code() != StatusCode::kUnauthenticated &&
         status.code() != StatusCode::kPermissionDenied &&
         status.code() != StatusCode::kUnimplemented;
}

// Settles who goes on when an answer may come inside the call that asks for it: the one who asked,
// in a loop, when the answer was there on return; else whoever answers. So a chain of immediate
// answers grows no stack.
class Handover {
 public:
  // By the one who asked, after the call: true when the answer is there and it goes on.
  [[nodiscard]] bool Returned() { return Second(); }
  // By the one who answers: true when the call has returned and it goes on itself.
  [[nodiscard]] bool Answered() { return Second(); }

 private:
  // Acquire and release: the second sees what the first did.
  bool Second() { return second_.exchange(true, std::memory_order_acq_rel); }
  std::atomic<bool> second_{false};
};

}  // namespace weir::pipeline
