// The decision about one span or log record: keep it or not, and what it then says about its
// sampling.
//
//   mode           randomness                              threshold
//   hash_seed      hash of seed and trace id or attribute  by the percentage, in 1/16384
//   equalizing     rv, else the trace id                   at least that of the percentage
//   proportional   rv, else the trace id                   that of the item, times the percentage
//
// What is kept says so: spans in their tracestate (th, rv), log records in the attributes
// sampling.threshold and sampling.randomness.
#pragma once

#include <optional>
#include <string_view>

#include "model/message_editor.h"
#include "processors/probabilistic_sampler/config.h"
#include "processors/probabilistic_sampler/threshold.h"

namespace weir::processors::probabilistic_sampler {

struct Decision {
  bool sampled = false;
  std::string_view policy;  // what decided, for the metric: "trace_id_hash", ...
  // Why the item could not be judged by the rules, so that fail_closed decided; else empty.
  std::string_view error;
  bool malformed = false;  // the error: what the item says about its sampling cannot be read
};

// Immutable; any threads.
class Sampler {
 public:
  // `config` outlives it.
  explicit Sampler(const SamplerConfig& config);

  // Records the changes of a span or log record that is kept; one that is not may have changes too.
  Decision JudgeSpan(model::MessageEditor& span) const;
  Decision JudgeLog(model::MessageEditor& log) const;

 private:
  enum class Kind : uint8_t { kNever, kHashSeed, kEqualizing, kProportional };
  // The randomness of an item and where it comes from.
  struct Source {
    Randomness randomness = kAllProbabilities;
    std::string_view policy;  // empty: missing
    std::string_view error;
    bool malformed = false;
    bool carried = true;  // whether the item is told about the decision
    void Set(Randomness r, std::string_view p) {
      randomness = r;
      policy = p;
    }
    void Refuse(std::string_view why) {
      error = why;
      carried = false;
    }
  };

  Randomness Hash(std::string_view bytes) const;
  template <typename Carrier>
  void FindSpanRandomness(std::string_view trace_id, Carrier& carrier, Source& source) const;
  template <typename Carrier>
  void FindLogRandomness(std::string_view trace_id, const model::AttributeEditor& attributes,
                         Carrier& carrier, Source& source) const;
  void HashLog(std::string_view trace_id, const model::AttributeEditor& attributes,
               Source& source) const;
  template <typename Carrier>
  Threshold Choose(Carrier& carrier, Source& source) const;
  Threshold OfMode(const std::optional<Threshold>& present) const;
  std::optional<Threshold> LogPriority(const model::AttributeEditor& attributes) const;
  template <typename Carrier>
  Decision Finish(Carrier& carrier, const Source& source, Threshold threshold) const;

  const SamplerConfig& config_;
  Kind kind_ = Kind::kNever;
  double ratio_ = 0;
  Threshold threshold_ = kNever;
};

}  // namespace weir::processors::probabilistic_sampler
