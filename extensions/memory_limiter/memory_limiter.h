// The extension `memory_limiter`: refuses requests before their body is read, as one of the
// `middlewares` of a server (pipeline/memory_limit.h).
#pragma once

#include <memory>
#include <utility>

#include "pipeline/component.h"
#include "pipeline/extension.h"
#include "pipeline/memory_limit.h"

namespace weir::extensions::memory_limiter {

class MemoryLimiter final : public pipeline::Extension, public pipeline::ServerMiddleware {
 public:
  explicit MemoryLimiter(std::shared_ptr<pipeline::MemoryLimit> limit) : limit_(std::move(limit)) {}

  Status Start(pipeline::Host&) override {
    limit_->Start();
    started_ = true;
    return {};
  }
  void Shutdown() override {
    if (std::exchange(started_, false)) limit_->Stop();
  }

  // kResourceExhausted with a delay, so that OTLP clients may retry. Any thread.
  Status Admit() override {
    if (!limit_->MustRefuse()) return {};
    return Status(StatusCode::kResourceExhausted, "RESOURCE_EXHAUSTED")
        .WithRetryAfter(pipeline::MemoryLimit::kRetryAfter);
  }

 private:
  const std::shared_ptr<pipeline::MemoryLimit> limit_;
  bool started_ = false;  // used by Start and Shutdown, which do not run at once
};

}  // namespace weir::extensions::memory_limiter
