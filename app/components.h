// The one place that knows every component: generated from the folders (cmake/weir.cmake).
#pragma once

namespace weir::pipeline {
class Registry;
}

namespace weir::app {
void RegisterAllComponents(pipeline::Registry& registry);
}  // namespace weir::app
