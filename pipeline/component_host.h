// The program as one component sees it: keeps the component's status by the rules of
// pipeline/component_status.h and notes which extensions it depends on, so that a reload that
// replaces one of them replaces the component too. Thread-safe.
#pragma once

#include <atomic>
#include <set>

#include "base/mutex.h"
#include "pipeline/component.h"
#include "pipeline/component_status.h"
#include "pipeline/extension.h"

namespace weir::pipeline {

class ComponentHost final : public Host {
 public:
  // Both outlive it. Reports that the status accepts go on to `program`.
  ComponentHost(Host& program, ComponentStatus& status) : program_(program), status_(status) {}

  const ServiceView* service_view() const override { return program_.service_view(); }
  Component* FindExtension(const ComponentId& id) override {
    {
      MutexLock lock(mutex_);
      asked_.insert(id);
    }
    Component* found = program_.FindExtension(id);
    if (dynamic_cast<StorageExtension*>(found) != nullptr) uses_storage_ = true;
    return found;
  }
  void ReportState(const Component& component, ComponentState state, const Status& error) override {
    if (status_.Report(state, error)) program_.ReportState(component, state, error);
  }

  // It was given a storage extension: what it keeps there only one component can have open.
  bool uses_storage() const { return uses_storage_; }
  // The extensions it asked for, there or not.
  std::set<ComponentId> asked() const {
    MutexLock lock(mutex_);
    return asked_;
  }

 private:
  Host& program_;
  ComponentStatus& status_;
  std::atomic<bool> uses_storage_{false};
  mutable Mutex mutex_;
  std::set<ComponentId> asked_ GUARDED_BY(mutex_);
};

}  // namespace weir::pipeline
