#include "tests/fuzz/otlp_exercise.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return weir::fuzz::ExerciseOtlp(weir::model::Signal::kMetrics, data, size);
}
