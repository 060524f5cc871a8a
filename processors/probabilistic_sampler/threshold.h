// Consistent probability sampling (opentelemetry.io/docs/specs/otel/trace/tracestate-probability-
// sampling): an item is kept when its randomness, 56 bits, is at least a threshold.
//
//   th:8     of all randomness the lower half is rejected: probability 1/2
//   rv:...   14 hexadecimal digits of randomness; otherwise the last 56 bits of the trace id
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::processors::probabilistic_sampler {

inline constexpr int kHexDigits = 14;  // of 56 bits
inline constexpr double kProbabilityMin = 1.0 / 72057594037927936.0;

class Randomness {
 public:
  constexpr explicit Randomness(uint64_t bits) : bits_(bits) {}
  // Of the 16 bytes of a trace id.
  static Randomness OfTraceId(std::string_view trace_id);
  // Of an `rv`: exactly 14 digits.
  static std::optional<Randomness> Parse(std::string_view text);
  std::string ToText() const;
  constexpr uint64_t bits() const { return bits_; }

 private:
  uint64_t bits_;
};
// Above every threshold but that of never.
inline constexpr Randomness kAllProbabilities{(uint64_t{1} << 56) - 1};

class Threshold {
 public:
  // How many of 2^56 values of randomness are rejected.
  constexpr explicit Threshold(uint64_t rejected) : rejected_(rejected) {}
  // With `precision` significant digits, rounded; fails outside [kProbabilityMin, 1].
  static std::optional<Threshold> OfProbability(double probability, int precision);
  // Of a `th`: 1 to 14 digits, trailing zeros left out.
  static std::optional<Threshold> Parse(std::string_view text);
  // "0" for always, "" for never.
  std::string ToText() const;

  bool Keeps(Randomness randomness) const { return rejected_ <= randomness.bits(); }
  double Probability() const;
  auto operator<=>(const Threshold&) const = default;  // NOLINT(modernize-use-nullptr)

 private:
  uint64_t rejected_;
};
inline constexpr Threshold kAlways{0};
inline constexpr Threshold kNever{uint64_t{1} << 56};

}  // namespace weir::processors::probabilistic_sampler
