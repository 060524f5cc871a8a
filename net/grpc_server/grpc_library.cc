#include <grpc/grpc.h>
#include <grpc/support/log.h>

#include <cstdio>
#include <string_view>
#include <utility>

#include "net/grpc_server/grpc_server_core.h"

namespace weir::net {
namespace {

// gRPC's log has one hook for the process and no argument to find anything by.
struct LibraryLog {
  Mutex mutex;
  Logger logger GUARDED_BY(mutex);
};
LibraryLog& TheLog() {
  static LibraryLog* log = new LibraryLog;  // gRPC's threads may outlive static objects
  return *log;
}

void WriteLog(gpr_log_func_args* args) {
  const std::string_view message(args->message);
  if (message.starts_with("Error parsing metadata")) return;
  if (message.starts_with("assertion failed")) {
    std::fprintf(stderr, "%s:%d: %s\n", args->file, args->line, args->message);  // it aborts next
    return;
  }
  Logger logger;
  {
    LibraryLog& log = TheLog();
    MutexLock lock(log.mutex);
    logger = log.logger;
  }
  logger.Warn("gRPC reports a problem", {{"error", message}});
}

}  // namespace

GrpcLibrary::GrpcLibrary(Logger logger) {
  {
    LibraryLog& log = TheLog();
    MutexLock lock(log.mutex);
    log.logger = std::move(logger);
  }
  gpr_set_log_function(&WriteLog);
  grpc_init();
}

GrpcLibrary::~GrpcLibrary() { grpc_shutdown(); }

}  // namespace weir::net
