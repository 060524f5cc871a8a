// Values of a configuration as attribute values.
#pragma once

#include <string>

#include "base/config/value.h"

namespace weir::pipeline::attributes {

// `value` as a serialised AnyValue: scalars by their YAML type, lists and maps in file order, null
// as the empty value.
std::string SerializeValue(const config::Value& value);

}  // namespace weir::pipeline::attributes
