#include "processors/probabilistic_sampler/threshold.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace weir::processors::probabilistic_sampler {
namespace {

constexpr uint64_t kValues = uint64_t{1} << 56;

std::optional<uint64_t> ParseHex(std::string_view text) {
  uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value, 16);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

std::string FourteenDigits(uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(kHexDigits, '0');
  for (size_t i = text.size(); i-- > 0; value >>= 4) text[i] = kDigits[value & 15];
  return text;
}

// Leading digits that are all 0 or all f need more digits behind them for the same precision.
int DigitsFor(double probability, int precision) {
  int kept_exponent = 0;
  int rejected_exponent = 0;
  std::frexp(probability, &kept_exponent);
  std::frexp(1 - probability, &rejected_exponent);
  return std::min(kHexDigits, precision + std::max(kept_exponent / -4, rejected_exponent / -4));
}

}  // namespace

Randomness Randomness::OfTraceId(std::string_view trace_id) {
  uint64_t bits = 0;
  for (size_t i = 9; i < 16; ++i) bits = bits << 8 | static_cast<uint8_t>(trace_id[i]);
  return Randomness(bits);
}

std::optional<Randomness> Randomness::Parse(std::string_view text) {
  if (text.size() != kHexDigits) return std::nullopt;
  const auto bits = ParseHex(text);
  return bits ? std::optional(Randomness(*bits)) : std::nullopt;
}

std::string Randomness::ToText() const { return FourteenDigits(bits_); }

std::optional<Threshold> Threshold::OfProbability(double probability, int precision) {
  if (!(probability >= kProbabilityMin && probability <= 1)) return std::nullopt;
  if (probability == 1) return kAlways;
  uint64_t rejected =
      kValues - static_cast<uint64_t>(std::round(probability * static_cast<double>(kValues)));
  const int shift = 4 * (kHexDigits - DigitsFor(probability, precision));
  if (shift >= 64) return kAlways;  // a precision below zero rounds everything away
  if (shift > 0) {
    rejected += uint64_t{1} << (shift - 1);
    rejected = rejected >> shift << shift;
  }
  return Threshold(rejected);
}

std::optional<Threshold> Threshold::Parse(std::string_view text) {
  if (text.empty() || text.size() > kHexDigits) return std::nullopt;
  const auto digits = ParseHex(text);
  if (!digits) return std::nullopt;
  return Threshold(*digits << 4 * (kHexDigits - text.size()));
}

std::string Threshold::ToText() const {
  if (*this == kAlways) return "0";
  if (*this == kNever) return "";
  std::string text = FourteenDigits(rejected_);
  text.resize(text.find_last_not_of('0') + 1);
  return text;
}

double Threshold::Probability() const {
  return static_cast<double>(kValues - rejected_) / static_cast<double>(kValues);
}

}  // namespace weir::processors::probabilistic_sampler
