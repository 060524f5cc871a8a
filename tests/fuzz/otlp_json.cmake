weir_fuzz(otlp_json SOURCES otlp_json_fuzz.cc DEPS model_json)
