# The exporter helper's part of the room `pipeline`.
target_sources(weir_pipeline
  PUBLIC FILE_SET HEADERS FILES admission.h batch_partition.h batcher.h caller.h dispatcher.h export.h
    exporter_config.h exporter_helper.h exporter_metrics.h exporter_report.h in_flight.h memory_queue.h
    persistent_queue.h queue_record.h retry.h sending_queue.h
  PRIVATE admission.cc batch_partition.cc batcher.cc dispatcher.cc exporter_config.cc exporter_helper.cc
    exporter_metrics.cc exporter_report.cc in_flight.cc memory_queue.cc persistent_queue.cc queue_record.cc retry.cc
    sending_queue.cc)
