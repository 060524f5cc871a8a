// What the processors `attributes` and `resource` do to a list of attributes: an ordered list of
// actions, each insert, update, upsert, delete, hash, extract or convert (the Collector's
// attraction).
//
//   auto actions = AttributeActions::Compile(config.actions);
//   const AttributeActions::Bound bound = actions->Bind(context.client.get());  // once per batch
//   bound.Apply(log.attributes());                                              // per item
//
// Everything that can be decided early is: keys, constant values, regular expressions when a
// configuration is built, values that come from the sender once per batch. Applying allocates
// nothing unless a value has to be computed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/config/fields.h"
#include "base/status.h"
#include "model/message_editor.h"
#include "pipeline/consumer.h"

namespace weir::pipeline::attributes {

// One action as written.
struct ActionConfig {
  std::string key;
  config::Value value;          // null: not written
  config::Value default_value;  // when from_attribute or from_context find nothing
  std::string pattern;
  std::string from_attribute;
  std::string from_context;  // `metadata.x` or `x`, `auth.x`, `client.address`
  std::string converted_type;
  std::string action;  // in any case

  void Fields(config::Fields& f);
};

class AttributeActions {
 public:
  // kInvalidArgument with the Collector's text: `error with key "a" (0-th action): error creating
  // AttrProc due to unsupported action "foo"`.
  static Result<AttributeActions> Compile(const std::vector<ActionConfig>& actions);

  AttributeActions(AttributeActions&&) noexcept;
  AttributeActions& operator=(AttributeActions&&) noexcept;
  ~AttributeActions();

  struct Action;

  // The actions for the data of one sender. Refers to the actions; for one thread.
  class Bound {
   public:
    // Carries out all actions in order.
    void Apply(model::AttributeEditor& attributes) const;

   private:
    friend class AttributeActions;
    struct ContextValue {
      bool found = false;
      std::string value;  // a serialised AnyValue
    };
    const std::vector<Action>* actions_ = nullptr;
    std::vector<ContextValue> context_values_;  // by Action::context_index
  };
  // `client` may be null: nothing is known of the sender.
  Bound Bind(const ClientInfo* client) const;

 private:
  AttributeActions();
  std::vector<Action> actions_;
  std::vector<std::string> context_keys_;
};

}  // namespace weir::pipeline::attributes
