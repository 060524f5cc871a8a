weir_fuzz(config SOURCES config_fuzz.cc DEPS config)
