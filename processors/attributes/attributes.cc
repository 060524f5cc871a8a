#include "processors/attributes/attributes.h"

#include "model/edit.h"

namespace weir::processors::attributes {
namespace {

using model::Descend;
using model::MessageEditor;
using pipeline::attributes::AttributeActions;
using pipeline::attributes::Matcher;
using pipeline::attributes::Selection;

class ItemVisitor final : public model::BatchVisitor {
 public:
  ItemVisitor(const Matcher& matcher, AttributeActions::Bound actions)
      : cursor_(matcher), actions_(std::move(actions)) {}

  Descend OnResource(MessageEditor&, MessageEditor& resource) override {
    return cursor_.EnterResource(resource.message()) == Selection::kNone ? Descend::kOver
                                                                         : Descend::kInto;
  }
  Descend OnScope(MessageEditor&, MessageEditor& scope) override {
    in_scope_ = cursor_.EnterScope(scope.message());
    return in_scope_ == Selection::kNone ? Descend::kOver : Descend::kInto;
  }
  void OnItem(MessageEditor& item) override {
    if (Selects(item)) actions_.Apply(item.attributes());
  }
  Descend OnMetric(MessageEditor& metric) override {
    return Selects(metric) ? Descend::kInto : Descend::kOver;
  }
  void OnDataPoint(model::MetricKind, MessageEditor& point) override {
    actions_.Apply(point.attributes());
  }

 private:
  bool Selects(const MessageEditor& item) const {
    return in_scope_ == Selection::kAll || cursor_.Selects(item.message());
  }

  Matcher::Cursor cursor_;
  const AttributeActions::Bound actions_;
  Selection in_scope_ = Selection::kAll;
};

bool IgnoresResources(const std::optional<pipeline::attributes::MatchProperties>& properties) {
  return properties && !properties->resources.empty();
}

}  // namespace

Result<std::unique_ptr<pipeline::Processor>> AttributesProcessor::Create(
    const pipeline::Settings& settings, const AttributesConfig& config, model::Signal signal,
    pipeline::Consumer& next) {
  auto actions = AttributeActions::Compile(config.actions);
  if (!actions) return Fail(actions.error());
  auto matcher = Matcher::Compile(config.match, signal);
  if (!matcher) return Fail(matcher.error());
  if (signal == model::Signal::kMetrics &&
      (IgnoresResources(config.match.include) || IgnoresResources(config.match.exclude))) {
    settings.logger.Warn(
        "metrics are chosen by metric_names alone; resources of include and exclude are ignored");
  }
  return std::unique_ptr<pipeline::Processor>(
      new AttributesProcessor(settings.memory, std::move(*actions), std::move(*matcher), next));
}

void AttributesProcessor::Consume(model::Batch batch, const pipeline::Context& context,
                                  pipeline::Done done) {
  ItemVisitor visitor(matcher_, actions_.Bind(context.client.get()));
  next_.Consume(model::EditBatch(batch, visitor, {.budget = &memory_}), context, std::move(done));
}

}  // namespace weir::processors::attributes
