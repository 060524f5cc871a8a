# Watched credentials, for authenticators; in the room `pipeline`.
target_sources(weir_pipeline
  PUBLIC FILE_SET HEADERS FILES credentials_file.h
  PRIVATE credentials_file.cc)
