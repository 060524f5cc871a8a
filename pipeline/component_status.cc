#include "pipeline/component_status.h"

#include <array>

namespace weir::pipeline {

std::string_view StateName(ComponentState state) {
  constexpr std::array<std::string_view, 8> kNames = {
      "StatusNone",           "StatusStarting",   "StatusOK",       "StatusRecoverableError",
      "StatusPermanentError", "StatusFatalError", "StatusStopping", "StatusStopped"};
  return kNames[static_cast<size_t>(state)];
}

bool IsStateChangeAllowed(ComponentState from, ComponentState to) {
  using enum ComponentState;
  const bool is_error = to == kRecoverableError || to == kPermanentError || to == kFatalError;
  switch (from) {
    case kNone:
      return to == kStarting;
    case kStarting:
    case kRecoverableError:
      return is_error || to == kOk || to == kStopping;
    case kOk:
      return is_error || to == kStopping;
    case kPermanentError:
      return to == kStopping;
    case kStopping:
      return is_error || to == kStopped;
    case kFatalError:
    case kStopped:
      return false;
  }
  return false;
}

bool ComponentStatus::Report(ComponentState state, const Status& error) {
  MutexLock lock(mutex_);
  if (!IsStateChangeAllowed(state_, state)) return false;
  state_ = state;
  error_ = error;
  return true;
}

void ComponentStatus::ReportOkIfStarting() {
  MutexLock lock(mutex_);
  if (state_ == ComponentState::kStarting) state_ = ComponentState::kOk;
}

void ComponentStatus::Reset() {
  MutexLock lock(mutex_);
  state_ = ComponentState::kNone;
  error_ = {};
}

ComponentState ComponentStatus::state() const {
  MutexLock lock(mutex_);
  return state_;
}

Status ComponentStatus::error() const {
  MutexLock lock(mutex_);
  return error_;
}

}  // namespace weir::pipeline
