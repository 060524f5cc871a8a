# The authenticator of an exporter's client.
target_sources(weir_pipeline PUBLIC FILE_SET HEADERS FILES client_authenticator.h PRIVATE client_authenticator.cc)
