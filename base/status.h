// The answer of every operation that can fail for reasons outside this process.
//
// A Status is OK, or a code (gRPC's numbers), a message for an operator, and whether trying again
// can help. It travels back through a pipeline from an exporter to the receiver, which turns it
// into a gRPC status or an HTTP answer (net/status_mapping.h), so it also keeps what a remote
// backend said: its delay and its status details.
//
// An OK status is one null pointer; copying a failed one copies a reference. Thread-safe as any
// value: const calls from many threads, writes from one.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace weir {

// gRPC's canonical codes, with its numbers.
enum class StatusCode : uint8_t {
  kOk = 0,
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

// "Unavailable", "InvalidArgument", ...: the spelling of gRPC's Go implementation, which logs and
// tests show.
std::string_view StatusCodeName(StatusCode code);

class [[nodiscard]] Status {
 public:
  using Delay = std::chrono::nanoseconds;

  Status() = default;  // OK

  // A failure. Whether it is permanent follows the OTLP specification's table: Cancelled,
  // DeadlineExceeded, Aborted, OutOfRange, Unavailable and DataLoss may be retried, everything else
  // not, ResourceExhausted only with a delay (WithRetryAfter). `code` must not be kOk.
  Status(StatusCode code, std::string message);

  // Our own refusal that passes: kUnavailable with a delay for the client.
  static Status Retryable(std::string message, Delay retry_after);
  static Status Retryable(std::string message);
  // Nothing will make this request pass: kInternal.
  static Status Permanent(std::string message);

  bool ok() const { return rep_ == nullptr; }
  explicit operator bool() const { return ok(); }
  StatusCode code() const { return rep_ ? rep_->code : StatusCode::kOk; }
  const std::string& message() const;
  bool permanent() const { return rep_ && rep_->permanent; }
  bool retryable() const { return rep_ && !rep_->permanent; }
  std::optional<Delay> retry_after() const { return rep_ ? rep_->retry_after : std::nullopt; }
  // Serialised google.rpc.Status of the remote that said this, with its details; empty when it is
  // our own.
  const std::string& wire_status() const;

  // Copies with one property changed; all require !ok().
  Status WithRetryAfter(Delay delay) const;
  Status WithPermanent(bool permanent) const;
  Status WithWireStatus(std::string serialized) const;
  // "prefix" + message, everything else kept.
  Status WithPrefix(std::string_view prefix) const;

  // "OK", or `rpc error: code = Unavailable desc = ...`, as gRPC's Go implementation prints it.
  std::string ToString() const;

  // The worse of two answers, for a fan-out: any failure beats OK, permanent beats retryable; of
  // two alike the longer delay is kept. The messages are joined with "; "; what a remote said, and
  // nobody put words around, stands as ToString() then.
  static Status Worst(const Status& a, const Status& b);

 private:
  struct Rep {
    StatusCode code;
    bool permanent;
    std::optional<Delay> retry_after;
    std::string message;
    std::string wire_status;
  };
  template <typename Change>
  Status Changed(Change change) const;
  std::string ShownBesideOthers() const;

  std::shared_ptr<const Rep> rep_;
};

// A value or the reason why there is none.
template <typename T>
using Result = tl::expected<T, Status>;

inline tl::unexpected<Status> Fail(Status status) {
  return tl::unexpected<Status>(std::move(status));
}

}  // namespace weir

// Returns from the enclosing function when `expression` (a Status) is not OK.
#define WEIR_RETURN_IF_ERROR(expression)                                  \
  do {                                                                    \
    if (::weir::Status weir_status_ = (expression); !weir_status_.ok()) { \
      return weir_status_;                                                \
    }                                                                     \
  } while (false)
