// The names under which components' files stand in the directory of the extension.
#pragma once

#include <string>
#include <string_view>

#include "pipeline/component_id.h"

namespace weir::extensions::file_storage {

// `kind_type_name` or `kind_type_name_NAME`, as the Collector names them:
// "exporter_otlp_http__traces". Characters other than letters, digits, '.', '-' and '_' become '~'
// and their code in hexadecimal.
std::string ClientName(pipeline::ComponentKind kind, const pipeline::ComponentId& id,
                       std::string_view name);

}  // namespace weir::extensions::file_storage
