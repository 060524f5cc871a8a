# The wire format of OTLP requests: check, views, editing, splitting.
foreach(signal traces metrics logs)
  weir_fuzz(otlp_${signal} SOURCES otlp_${signal}_fuzz.cc otlp_exercise.cc DEPS model)
endforeach()
