// Where a component is in its life, and what it last said about itself: the Collector's status
// machine.
//
//   None ─► Starting ─► OK ◄─► RecoverableError          Stopping ─► Stopped
//              │         │             │                     ▲
//              └─────────┴──────┬──────┴──► PermanentError ──┤
//                               └─────────► FatalError       └─ from all but FatalError and None
//
// A report that the machine does not allow is ignored: a late "OK" does not revive what is
// stopping. A repeated RecoverableError replaces the error. Thread-safe.
#pragma once

#include <string_view>

#include "base/mutex.h"
#include "base/status.h"
#include "pipeline/component.h"

namespace weir::pipeline {

// "StatusOK", ...: as the Collector prints them.
std::string_view StateName(ComponentState state);

bool IsStateChangeAllowed(ComponentState from, ComponentState to);

class ComponentStatus {
 public:
  // False when the change is not allowed; nothing happened then. `error` belongs to the error
  // states.
  bool Report(ComponentState state, const Status& error = {}) EXCLUDES(mutex_);
  // OK, if it is still starting: a component that reported a problem from Start keeps it.
  void ReportOkIfStarting() EXCLUDES(mutex_);

  // Back to the beginning, for a component created anew.
  void Reset() EXCLUDES(mutex_);

  ComponentState state() const EXCLUDES(mutex_);
  Status error() const EXCLUDES(mutex_);

 private:
  mutable Mutex mutex_;
  ComponentState state_ GUARDED_BY(mutex_) = ComponentState::kNone;
  Status error_ GUARDED_BY(mutex_);
};

}  // namespace weir::pipeline
