#include "processors/resource/resource.h"

#include "model/edit.h"

namespace weir::processors::resource {
namespace {

class ResourceVisitor final : public model::BatchVisitor {
 public:
  explicit ResourceVisitor(pipeline::attributes::AttributeActions::Bound actions)
      : actions_(std::move(actions)) {}

  model::Descend OnResource(model::MessageEditor&, model::MessageEditor& resource) override {
    actions_.Apply(resource.attributes());
    return model::Descend::kOver;
  }

 private:
  const pipeline::attributes::AttributeActions::Bound actions_;
};

}  // namespace

void ResourceProcessor::Consume(model::Batch batch, const pipeline::Context& context,
                                pipeline::Done done) {
  ResourceVisitor visitor(actions_.Bind(context.client.get()));
  next_.Consume(model::EditBatch(batch, visitor, {.budget = &memory_}), context, std::move(done));
}

}  // namespace weir::processors::resource
