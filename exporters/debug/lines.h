// Lines of the detailed layout.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include "exporters/debug/value_text.h"
#include "model/json/text.h"
#include "model/metric_view.h"
#include "model/view.h"

namespace weir::exporters::debug {

// Parts of a line that are not plain text.
struct Id {
  std::string_view bytes;
};
struct Time {
  uint64_t unix_nano;
};

class Lines {
 public:
  // Adds the parts, one behind the other, and ends the line. Doubles have six decimals.
  template <typename... Parts>
  void Add(const Parts&... parts) {
    (Put(parts), ...);
    text_ += '\n';
  }
  // "`indent`     -> key: Type(value)" for each, under "`indent``header`:"; nothing when empty.
  void AddAttributes(std::string_view header, const model::Attributes& attributes,
                     std::string_view indent = "");
  void AddScope(const model::ScopeView& scope);
  void AddEntityRefs(const model::ResourceView& resource);
  std::string Take() && { return std::move(text_); }

 private:
  void Put(std::string_view part) { text_ += part; }
  void Put(const char* part) { text_ += part; }
  void Put(double part) { AppendFixed(part, text_); }
  void Put(Id part) { AppendId(part.bytes, text_); }
  void Put(Time part) { AppendTime(part.unix_nano, text_); }
  void Put(const model::AnyValueView& part) { AppendTypedValue(part, text_); }
  template <std::integral T>
  void Put(T part) {
    if constexpr (std::is_signed_v<T>) {
      model::json::AppendInt(part, text_);
    } else {
      model::json::AppendUint(part, text_);
    }
  }

  std::string text_;
};

// The metrics' part of DetailedText: one metric behind its number.
void AddMetric(const model::MetricView& metric, Lines& lines);

// The Collector's names of enumerated numbers; empty for numbers it does not know.
std::string_view TemporalityName(int32_t temporality);

}  // namespace weir::exporters::debug
