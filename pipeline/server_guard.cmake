# Who may use a server of a component.
target_sources(weir_pipeline PUBLIC FILE_SET HEADERS FILES server_guard.h PRIVATE server_guard.cc)
