// What the OTLP fuzz targets do with a request: check it, and if it passes read, edit, split and
// count it, and make sure that nothing is lost. Aborts on a broken invariant.
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/signal.h"

namespace weir::fuzz {

int ExerciseOtlp(model::Signal signal, const uint8_t* data, size_t size);

}  // namespace weir::fuzz
