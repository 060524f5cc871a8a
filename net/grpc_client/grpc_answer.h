// What the end of a call says, as a Status.
#pragma once

#include <grpcpp/support/status.h>

#include "base/status.h"

namespace weir::net {

// Where in its life a call ended.
struct CallEnd {
  bool deadline_passed = false;
  bool shut_down = false;  // this side cancelled it
};

// The server's status with its details and the delay of a RetryInfo, or the transport's with
// grpc-go's words, by which operators and recorded texts know it. `status` must not be OK.
Status ToStatus(const grpc::Status& status, const CallEnd& end);

}  // namespace weir::net
