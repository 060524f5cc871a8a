// Strings that are not UTF-8.
//
// Protobuf asks for it, clients get it wrong, and the Collector lets it pass: so does CheckRequest,
// which looks at no string. Who wants to know (a self-metric, a sender whose backend refuses such
// batches) counts here, at the cost of reading every byte.
#pragma once

#include <cstddef>
#include <string_view>

#include "model/batch.h"

namespace weir::model {

// Whether `text` is well-formed UTF-8 (Unicode 15, table 3-7: no overlong forms, no surrogates,
// nothing above U+10FFFF).
bool IsValidUtf8(std::string_view text);

// How many strings in a checked `batch` are not: names, keys, values, urls, at every depth.
size_t CountInvalidUtf8(const Batch& batch);

}  // namespace weir::model
