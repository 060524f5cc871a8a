weir_fuzz(queue_record SOURCES queue_record_fuzz.cc DEPS pipeline model)
