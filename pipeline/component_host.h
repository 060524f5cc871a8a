// The program as one component sees it: keeps the component's status by the rules of
// pipeline/component_status.h and notes which extensions it depends on, so that a reload that
// replaces one of them replaces the component too.
#pragma once

#include <set>

#include "base/mutex.h"
#include "pipeline/component.h"
#include "pipeline/component_status.h"

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
    return program_.FindExtension(id);
  }
  void ReportState(const Component& component, ComponentState state,
                   const Status& error) override {
    if (status_.Report(state, error)) program_.ReportState(component, state, error);
  }

  // The extensions it asked for, there or not.
  std::set<ComponentId> asked() const {
    MutexLock lock(mutex_);
    return asked_;
  }

 private:
  Host& program_;
  ComponentStatus& status_;
  mutable Mutex mutex_;
  std::set<ComponentId> asked_ GUARDED_BY(mutex_);
};

}  // namespace weir::pipeline
