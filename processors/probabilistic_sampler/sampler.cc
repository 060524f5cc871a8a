#include "processors/probabilistic_sampler/sampler.h"

#include <algorithm>
#include <string>

#include "model/fields.h"
#include "model/json/value_text.h"
#include "model/view.h"
#include "pipeline/attributes/number.h"
#include "processors/probabilistic_sampler/trace_state.h"

namespace weir::processors::probabilistic_sampler {
namespace {

using model::AttributeEditor;
using model::ValueKind;

constexpr std::string_view kMissing = "missing randomness";
constexpr std::string_view kInconsistent =
    "inconsistent arriving threshold: item should not have been sampled";
constexpr std::string_view kRandomnessInUse =
    "item has sampling randomness, equalizing or proportional mode recommended";
constexpr std::string_view kThresholdInUse =
    "item has sampling threshold, equalizing or proportional mode recommended";
constexpr std::string_view kThresholdKey = "sampling.threshold";
constexpr std::string_view kRandomnessKey = "sampling.randomness";

constexpr uint32_t kHashBuckets = 0x4000;

bool IsTraceId(std::string_view id) {
  return id.size() == 16 && id.find_first_not_of('\0') != std::string_view::npos;
}

// What a span says about its sampling.
struct SpanCarrier {
  TraceState state;
  std::optional<Threshold> threshold() const { return state.threshold(); }
  std::optional<Randomness> randomness() const { return state.randomness(); }
  void SetRandomness(Randomness r) { state.set_randomness(r); }
  void ClearThreshold() { state.set_threshold(std::nullopt); }
  void SetThreshold(Threshold t) { state.set_threshold(t); }
};

// The same of a log record.
class LogCarrier {
 public:
  explicit LogCarrier(AttributeEditor& attributes) : attributes_(attributes) {}
  // Whether the attributes could be read.
  bool Read() {
    const std::string_view threshold = TextOf(kThresholdKey);
    const std::string_view randomness = TextOf(kRandomnessKey);
    threshold_ = Threshold::Parse(threshold);
    randomness_ = Randomness::Parse(randomness);
    return (threshold.empty() || threshold_) && (randomness.empty() || randomness_);
  }
  std::optional<Threshold> threshold() const { return threshold_; }
  std::optional<Randomness> randomness() const { return randomness_; }
  void SetRandomness(Randomness r) {
    randomness_ = r;
    attributes_.Upsert(kRandomnessKey, model::StringValue(r.ToText()));
  }
  void ClearThreshold() {
    threshold_.reset();
    attributes_.Remove(kThresholdKey);
  }
  void SetThreshold(Threshold t) {
    attributes_.Upsert(kThresholdKey, model::StringValue(t.ToText()));
  }

 private:
  std::string_view TextOf(std::string_view key) const {
    const auto value = attributes_.Get(key);
    return value && value->kind == ValueKind::kString ? value->bytes : std::string_view();
  }
  AttributeEditor& attributes_;
  std::optional<Threshold> threshold_;
  std::optional<Randomness> randomness_;
};

// OpenTracing's attribute on spans: above 0 keep, 0 drop.
std::optional<Threshold> SpanPriority(const model::Attributes& attributes) {
  const auto priority = model::Find(attributes, "sampling.priority");
  if (!priority) return std::nullopt;
  std::optional<double> value;
  if (priority->kind == ValueKind::kInt) value = static_cast<double>(priority->int_value);
  if (priority->kind == ValueKind::kDouble) value = priority->double_value;
  if (priority->kind == ValueKind::kString) {
    value = pipeline::attributes::ParseFloat(priority->bytes);
  }
  if (!value) return std::nullopt;
  if (*value == 0) return kNever;
  return *value > 0 ? std::optional(kAlways) : std::nullopt;
}

}  // namespace

Sampler::Sampler(const SamplerConfig& config) : config_(config) {
  const float percent = std::min(config.sampling_percentage, 100.0F);
  if (percent == 0) return;
  ratio_ = std::max(static_cast<double>(percent) / 100, kProbabilityMin);
  if (config.mode == Mode::kEqualizing) {
    kind_ = Kind::kEqualizing;
    threshold_ = Threshold::OfProbability(ratio_, config.sampling_precision).value_or(kAlways);
    return;
  }
  if (config.mode == Mode::kProportional) {
    kind_ = Kind::kProportional;
    return;
  }
  // In 32 bits and towards zero, as it always was.
  const auto kept = static_cast<uint32_t>(percent * static_cast<float>(kHashBuckets / 100.0));
  if (kept == 0) return;
  kind_ = Kind::kHashSeed;
  threshold_ = Threshold(uint64_t{kHashBuckets - kept} << 42);
}

// FNV-1a over the seed and the bytes. Its lower 14 bits have always decided, so they become the
// upper 14 of the randomness, the other way round; the rest fills up.
Randomness Sampler::Hash(std::string_view bytes) const {
  uint32_t hash = 2166136261U;
  const auto add = [&hash](uint8_t byte) { hash = (hash ^ byte) * 16777619U; };
  for (int shift = 0; shift < 32; shift += 8) add(static_cast<uint8_t>(config_.hash_seed >> shift));
  for (const char c : bytes) add(static_cast<uint8_t>(c));
  const uint64_t bucket = hash & (kHashBuckets - 1);
  const uint64_t unused = hash >> 18;
  const uint64_t mixed = unused ^ (unused << 10);
  return Randomness((kHashBuckets - 1 - bucket) << 42 | mixed << 14 | bucket);
}

template <typename Carrier>
void Sampler::FindSpanRandomness(std::string_view trace_id, Carrier& carrier,
                                 Source& source) const {
  if (kind_ == Kind::kNever) {
    source.Set(kAllProbabilities, "sampling_priority");  // no decision will look at it
  } else if (kind_ == Kind::kHashSeed) {
    if (IsTraceId(trace_id)) source.Set(Hash(trace_id), "trace_id_hash");
    if (!source.error.empty()) {
      source.carried = false;
    } else if (carrier.randomness()) {
      source.Refuse(kRandomnessInUse);
    } else if (carrier.threshold()) {
      source.Refuse(kThresholdInUse);
    } else {
      carrier.SetRandomness(source.randomness);
    }
  } else if (!source.error.empty()) {
    source.carried = false;
  } else if (carrier.randomness()) {
    source.Set(*carrier.randomness(), "sampling_randomness");
  } else if (IsTraceId(trace_id)) {
    source.Set(Randomness::OfTraceId(trace_id), "trace_id_w3c");
  }
}

void Sampler::HashLog(std::string_view trace_id, const AttributeEditor& attributes,
                      Source& source) const {
  if (config_.attribute_source == "traceID" && IsTraceId(trace_id)) {
    return source.Set(Hash(trace_id), "trace_id_hash");
  }
  if (config_.from_attribute.empty()) return;
  const auto value = attributes.Get(config_.from_attribute);
  if (!value) return;
  const std::string text =
      value->kind == ValueKind::kBytes ? std::string(value->bytes) : model::json::ValueText(*value);
  if (!text.empty()) source.Set(Hash(text), config_.from_attribute);
}

template <typename Carrier>
void Sampler::FindLogRandomness(std::string_view trace_id, const AttributeEditor& attributes,
                                Carrier& carrier, Source& source) const {
  if (kind_ != Kind::kHashSeed) return FindSpanRandomness(trace_id, carrier, source);
  HashLog(trace_id, attributes, source);
  if (!source.error.empty()) {
    source.carried = false;
  } else if (carrier.randomness()) {
    source.Refuse(kRandomnessInUse);
  } else if (carrier.threshold()) {
    source.Refuse(kThresholdInUse);
  } else if (!source.policy.empty()) {
    carrier.SetRandomness(source.randomness);
  }
}

Threshold Sampler::OfMode(const std::optional<Threshold>& present) const {
  switch (kind_) {
    case Kind::kNever:
      return kNever;
    case Kind::kHashSeed:
      return threshold_;
    case Kind::kEqualizing:
      return present ? std::max(*present, threshold_) : threshold_;
    case Kind::kProportional: {
      const double arrived = present ? present->Probability() : 1.0;
      return Threshold::OfProbability(arrived * ratio_, config_.sampling_precision)
          .value_or(kNever);
    }
  }
  return kNever;
}

// The threshold by the mode, or by fail_closed where the item cannot be judged.
template <typename Carrier>
Threshold Sampler::Choose(Carrier& carrier, Source& source) const {
  if (source.error.empty()) {
    if (source.policy.empty()) {
      source.error = kMissing;
    } else if (carrier.threshold() && !carrier.threshold()->Keeps(source.randomness)) {
      carrier.ClearThreshold();
      source.error = kInconsistent;
    }
  }
  if (source.error.empty()) return OfMode(carrier.threshold());
  return config_.fail_closed ? kNever : kAlways;
}

template <typename Carrier>
Decision Sampler::Finish(Carrier& carrier, const Source& source, Threshold threshold) const {
  Decision decision;
  decision.sampled = threshold.Keeps(source.randomness);
  decision.policy = source.policy.empty() ? "missing_randomness" : source.policy;
  decision.error = source.error;
  decision.malformed = source.malformed;
  // A probability is never raised: what had been dropped before is not here to be counted.
  if (decision.sampled && source.carried &&
      !(carrier.threshold() && *carrier.threshold() > threshold)) {
    carrier.SetThreshold(threshold);
  }
  return decision;
}

Decision Sampler::JudgeSpan(model::MessageEditor& span) const {
  const model::SpanView view(span.message());
  SpanCarrier carrier;
  Source source;
  source.error = carrier.state.Parse(view.trace_state);
  source.malformed = !source.error.empty();
  FindSpanRandomness(view.trace_id, carrier, source);
  Threshold threshold = Choose(carrier, source);
  if (const auto priority = SpanPriority(view.attributes)) {
    threshold = *priority;
    source.policy = "sampling_priority";
  }
  const Decision decision = Finish(carrier, source, threshold);
  if (decision.sampled && source.carried) {
    const std::string state = carrier.state.ToText();
    if (state.empty()) {
      span.Clear(model::fields::Span::kTraceState);
    } else if (state != view.trace_state) {
      span.SetBytes(model::fields::Span::kTraceState, state);
    }
  }
  return decision;
}

std::optional<Threshold> Sampler::LogPriority(const AttributeEditor& attributes) const {
  if (config_.sampling_priority.empty()) return std::nullopt;
  const auto priority = attributes.Get(config_.sampling_priority);
  if (!priority) return std::nullopt;
  double probability = 0;
  if (priority->kind == ValueKind::kInt) probability = static_cast<double>(priority->int_value);
  if (priority->kind == ValueKind::kDouble) probability = priority->double_value;
  return Threshold::OfProbability(probability / 100, config_.sampling_precision);
}

Decision Sampler::JudgeLog(model::MessageEditor& log) const {
  const std::string_view trace_id = model::LogRecordView(log.message()).trace_id;
  AttributeEditor& attributes = log.attributes();
  LogCarrier carrier(attributes);
  Source source;
  if (!carrier.Read()) {
    source.error = "sampling.threshold or sampling.randomness cannot be read";
    source.malformed = true;
  }
  FindLogRandomness(trace_id, attributes, carrier, source);
  Threshold threshold = Choose(carrier, source);
  if (const auto priority = LogPriority(attributes)) {
    threshold = *priority;
    source.policy = "sampling_priority";
  }
  return Finish(carrier, source, threshold);
}

}  // namespace weir::processors::probabilistic_sampler
