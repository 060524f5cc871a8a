#include "app/components.h"
#include "pipeline/registry.h"

int main() {
  weir::pipeline::Registry registry;
  weir::app::RegisterAllComponents(registry);
  return 0;
}
