#include "model/schema.h"

#include "model/schema_tables.h"

namespace weir::model {

using tables::kMessageCount;
using tables::kMessages;

constinit const std::array<MessageRule, kMessageCount> kMessageRules = tables::MakeRules();

FieldRule RuleOfTag(MessageId message, uint32_t tag) {
  return tables::RuleOfField(kMessages[static_cast<size_t>(message)], tag >> 3, tag & 7);
}

std::string_view FieldName(MessageId message, uint32_t number) {
  for (const tables::FieldEntry& field : kMessages[static_cast<size_t>(message)].fields) {
    if (field.number == number) return field.name;
  }
  return {};
}

std::string_view MessageName(MessageId message) {
  return kMessages[static_cast<size_t>(message)].name;
}

}  // namespace weir::model
