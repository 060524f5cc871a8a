// Everything between a pipeline and one backend that is not the backend's protocol: queue,
// batching, retry, timeout, persistence, self-metrics and shutdown (DESIGN §2, §3). An exporter
// writes a Sender, which makes one attempt, and gets the rest from here:
//
//   Consume ─► queue (memory or storage) ─► batcher ─► retry ─► Sender::Send ─► backend
//              size counts until done       merge/cut  timers    one attempt
//
// The options are pipeline/exporter_config.h.
#pragma once

#include <memory>

#include "base/config/fields.h"
#include "base/metrics.h"
#include "base/status.h"
#include "model/batch.h"
#include "model/signal.h"
#include "pipeline/component.h"
#include "pipeline/consumer.h"
#include "pipeline/exporter_config.h"

namespace weir::pipeline {

// One attempt at delivering a batch. Thread-safe: several attempts run at the same time, at most
// num_consumers behind a queue, as many as there are callers without one.
class Sender {
 public:
  virtual ~Sender() = default;

  // Opens connections as far as that needs no waiting. On failure the exporter's Start fails with
  // the same message, and Shutdown is not called.
  virtual Status Start(Host& host) = 0;

  // Delivers `batch` and answers through `done` exactly once, from any thread, possibly inside the
  // call. Never blocks. `context.deadline` is this attempt's: the sender answers kDeadlineExceeded
  // when it has passed, and the helper does not watch it. `context.client` is who sent the data,
  // null when it is unknown or the batch was merged. The answer says whether another attempt can
  // help (Status::retryable) and how long to wait before it at least (Status::retry_after). Its
  // message is the plain one (`sink says no`, `failed to make an HTTP request: ...`). A failure
  // that is a gRPC status, the transport's own too, and an HTTP answer translated to one, has a
  // wire_status; logs and frames then show it as `rpc error: code = Unavailable desc = ...`. The
  // helper adds `Permanent error: `, `Throttle (1s), error: ` and the retry loop's frames.
  virtual void Send(model::Batch batch, const Context& context, Done done) = 0;

  // Called once, when nothing is in flight and nothing will be sent any more. May block.
  virtual void Shutdown() = 0;
};

struct ExporterOptions {
  TimeoutConfig timeout;
  RetryConfig retry;
  config::Optional<QueueConfig> queue;
  // Added to the sent and send_failed metrics: server_address, server_port, url_path.
  MetricLabels sent_labels;
};

// An exporter of `signal` around `sender`. `settings` is copied; what it refers to outlives the
// exporter.
std::unique_ptr<Exporter> MakeExporter(const Settings& settings, model::Signal signal,
                                       ExporterOptions options, std::unique_ptr<Sender> sender);

}  // namespace weir::pipeline
