// Any bytes as a span's tracestate: what is well formed stays so when it is written, and writing
// what was read changes nothing more.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "processors/probabilistic_sampler/trace_state.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using weir::processors::probabilistic_sampler::TraceState;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  TraceState state;
  const bool good = state.Parse(text).empty();
  const std::string written = state.ToText();
  CHECK(!good || written.size() <= text.size()) << written;
  TraceState again;
  const bool good_again = again.Parse(written).empty();
  CHECK(!good || good_again) << written;
  CHECK(!good || again.ToText() == written) << written;
  return 0;
}
