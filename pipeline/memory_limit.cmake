# The limit of the processor and the extension `memory_limiter`, in the room `pipeline`.
target_sources(weir_pipeline
  PUBLIC FILE_SET HEADERS FILES memory_limit.h process_memory.h
  PRIVATE memory_limit.cc process_memory.cc)
