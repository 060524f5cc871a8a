#include "processors/probabilistic_sampler/config.h"

#include <array>
#include <charconv>
#include <cmath>

#include "processors/probabilistic_sampler/threshold.h"

namespace weir::processors::probabilistic_sampler {
namespace {

constexpr std::array<std::string_view, 4> kModes = {"", "hash_seed", "equalizing", "proportional"};

// As Go's %f and %g.
std::string Fixed(float value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return std::to_string(value);
}
std::string Scientific(float value) {
  std::array<char, 64> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::scientific);
  return std::string(buffer.data(), end.ptr);
}

}  // namespace

bool Mode::FromText(std::string_view text, std::string* error) {
  for (size_t i = 0; i < kModes.size(); ++i) {
    if (kModes[i] != text) continue;
    value_ = static_cast<Value>(i);
    return true;
  }
  *error = "unsupported sampler mode \"" + std::string(text) + "\"";
  return false;
}

std::string Mode::ToText() const { return std::string(kModes[value_]); }

void SamplerConfig::Fields(config::Fields& f) {
  f("sampling_percentage", sampling_percentage);
  f("hash_seed", hash_seed);
  f("mode", mode);
  f("fail_closed", fail_closed);
  f("sampling_precision", sampling_precision);
  f("attribute_source", attribute_source);
  f("from_attribute", from_attribute);
  f("sampling_priority", sampling_priority);
}

void SamplerConfig::Validate(const config::Checker& check) const {
  if (!std::isfinite(sampling_percentage)) {
    return check.Error("sampling rate is invalid: " + Fixed(sampling_percentage) + "%");
  }
  const double ratio = static_cast<double>(sampling_percentage) / 100;
  if (ratio < 0) {
    return check.Error("sampling rate is negative: " + Fixed(sampling_percentage) + "%");
  }
  if (ratio != 0 && ratio < kProbabilityMin) {
    return check.Error("sampling rate is too small: " + Scientific(sampling_percentage) + "%");
  }
  if (!attribute_source.empty() && attribute_source != "traceID" && attribute_source != "record") {
    return check.Error("invalid attribute source: " + attribute_source +
                       ". Expected: traceID or record");
  }
  if (sampling_precision == 0) return check.Error("invalid sampling precision: 0");
  if (sampling_precision > kHexDigits) {
    return check.Error("sampling precision is too great, should be <= 14: " +
                       std::to_string(sampling_precision));
  }
}

}  // namespace weir::processors::probabilistic_sampler
