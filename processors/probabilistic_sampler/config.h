// Configuration of the processor `probabilistic_sampler`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/config/fields.h"

namespace weir::processors::probabilistic_sampler {

// How the decision is made; kUnset is hash_seed.
class Mode {
 public:
  enum Value : uint8_t { kUnset, kHashSeed, kEqualizing, kProportional };
  constexpr Mode(Value value = kUnset) : value_(value) {}  // NOLINT: implicit on purpose
  constexpr operator Value() const { return value_; }      // NOLINT

  static std::string_view GoType() { return "probabilisticsamplerprocessor.SamplerMode"; }
  bool FromText(std::string_view text, std::string* error);
  std::string ToText() const;

 private:
  Value value_;
};

struct SamplerConfig {
  static constexpr std::string_view kTypeName = "probabilisticsamplerprocessor.Config";

  float sampling_percentage = 0;  // 0 keeps nothing, 100 and more everything
  uint32_t hash_seed = 0;
  Mode mode;
  bool fail_closed = true;     // what cannot be decided is dropped
  int sampling_precision = 4;  // significant hexadecimal digits of a threshold
  // Of logs only:
  std::string attribute_source = "traceID";  // or "record"
  std::string from_attribute;                // hashed where there is no trace id
  std::string sampling_priority;             // an attribute with a percentage of its own

  void Fields(config::Fields& f);
  void Validate(const config::Checker& check) const;
};

}  // namespace weir::processors::probabilistic_sampler
