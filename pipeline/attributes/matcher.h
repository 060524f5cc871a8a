// Decides which items an edit applies to, by the `include` and `exclude` of match_config.h.
//
//   auto matcher = Matcher::Compile(config, Signal::kLogs);
//   Matcher::Cursor cursor(*matcher);         // one per batch
//   cursor.EnterResource(resource);           // of each resource, scope, item in order
//   cursor.EnterScope(scope);
//   if (cursor.Selects(log.message())) ...
//
// What a resource or scope decides is decided once for all its items.
#pragma once

#include <memory>
#include <string_view>

#include "base/status.h"
#include "model/signal.h"
#include "pipeline/attributes/match_config.h"

namespace weir::pipeline::attributes {

// What is known about the items inside.
enum class Selection : uint8_t { kNone, kAll, kSome };

// Immutable; shared by threads.
class Matcher {
 public:
  // kInvalidArgument with the Collector's text: `error creating service name filters: ...`.
  static Result<Matcher> Compile(const MatchConfig& config, model::Signal signal);
  Matcher(Matcher&&) noexcept;
  Matcher& operator=(Matcher&&) noexcept;
  ~Matcher();

  class Cursor {
   public:
    explicit Cursor(const Matcher& matcher) : matcher_(matcher) {}
    // `resource` is a Resource, `scope` an InstrumentationScope.
    Selection EnterResource(std::string_view resource);
    Selection EnterScope(std::string_view scope);
    // Whether the edit applies to `item`: a span, log record or metric of the scope entered last.
    bool Selects(std::string_view item) const;

   private:
    struct Side {
      bool resource = true;
      bool scope = true;
    };
    Selection Known(bool scope_known) const;
    const Matcher& matcher_;
    Side include_;
    Side exclude_;
  };

 private:
  class Properties;
  Matcher();
  model::Signal signal_ = model::Signal::kTraces;
  std::unique_ptr<Properties> include_;  // null: everything
  std::unique_ptr<Properties> exclude_;  // null: nothing
};

}  // namespace weir::pipeline::attributes
