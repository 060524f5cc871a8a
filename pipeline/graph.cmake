# The engine's part of the room `pipeline`: the graph of running components.
target_sources(weir_pipeline
  PUBLIC FILE_SET HEADERS FILES component_host.h component_status.h graph.h graph_node.h graph_plan.h graph_spec.h
    ledger.h
  PRIVATE component_status.cc graph.cc graph_node.cc graph_plan.cc ledger.cc)
