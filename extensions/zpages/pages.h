// The pages of zpages as HTML, made from a ServiceView. What a reader sees are the Collector's
// words in its order; there are no scripts, fonts or styles from elsewhere.
#pragma once

#include <string>
#include <string_view>

#include "pipeline/service_view.h"

namespace weir::extensions::zpages {

// Build and runtime, links to the other pages.
std::string ServicePage(const pipeline::ServiceView& view);
// A row for each pipeline; connectors are named as such.
std::string PipelinesPage(const pipeline::ServiceView& view);
// The extensions; `chosen`, when not empty, is the one that a link of the page asked for.
std::string ExtensionsPage(const pipeline::ServiceView& view, std::string_view chosen);
std::string FeaturesPage(const pipeline::ServiceView& view);

}  // namespace weir::extensions::zpages
