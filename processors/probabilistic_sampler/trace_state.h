// A span's W3C tracestate, with what OpenTelemetry keeps in it for samplers:
//
//   ot=rv:01234567890abc;th:8;x:y,vendor=value
//
// Syntax and limits are the Collector's (w3.org/TR/trace-context, tracestate).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "processors/probabilistic_sampler/threshold.h"

namespace weir::processors::probabilistic_sampler {

class TraceState {
 public:
  // Reads `text`, which outlives this; empty when it is well formed, else what is wrong. Then what
  // could be read is here all the same.
  std::string_view Parse(std::string_view text);

  // `ot` first, then the others in order. Within `ot`: rv, th, the others.
  std::string ToText() const;

  const std::optional<Randomness>& randomness() const { return randomness_; }
  void set_randomness(Randomness randomness) { SetRandomness(randomness, randomness.ToText()); }
  const std::optional<Threshold>& threshold() const { return threshold_; }
  // None, or never, removes it.
  void set_threshold(std::optional<Threshold> threshold);

 private:
  using Members = std::vector<std::pair<std::string_view, std::string_view>>;
  void SetRandomness(Randomness randomness, std::string text);
  bool ParseOtel(std::string_view value);

  std::optional<Randomness> randomness_;
  std::optional<Threshold> threshold_;
  // As they came or will go.
  std::string randomness_text_;
  std::string threshold_text_;
  Members otel_others_;
  Members others_;
};

}  // namespace weir::processors::probabilistic_sampler
