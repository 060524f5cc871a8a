# The exporter helper's part of the room `pipeline`.
target_sources(weir_pipeline
  PUBLIC FILE_SET HEADERS FILES exporter_config.h exporter_helper.h
  PRIVATE exporter_config.cc)
