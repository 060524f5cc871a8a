#include "base/status.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace weir {
namespace {

constexpr std::array<std::string_view, 17> kNames = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

bool PermanentByCode(StatusCode code) {
  switch (code) {
    case StatusCode::kCancelled:
    case StatusCode::kDeadlineExceeded:
    case StatusCode::kAborted:
    case StatusCode::kOutOfRange:
    case StatusCode::kUnavailable:
    case StatusCode::kDataLoss:
      return false;
    default:
      return true;
  }
}

const std::string& EmptyString() {
  static const std::string empty;
  return empty;
}

}  // namespace

std::string_view StatusCodeName(StatusCode code) { return kNames.at(static_cast<size_t>(code)); }

Status::Status(StatusCode code, std::string message)
    : rep_(std::make_shared<const Rep>(
          Rep{code, PermanentByCode(code), std::nullopt, std::move(message), {}})) {
  CHECK(code != StatusCode::kOk) << "a failure needs a code: " << rep_->message;
}

template <typename Change>
Status Status::Changed(Change change) const {
  CHECK(!ok()) << "an OK status has no properties to change";
  auto rep = std::make_shared<Rep>(*rep_);
  change(*rep);
  Status changed;
  changed.rep_ = std::move(rep);
  return changed;
}

Status Status::Retryable(std::string message, Delay retry_after) {
  return Status(StatusCode::kUnavailable, std::move(message)).WithRetryAfter(retry_after);
}

Status Status::Retryable(std::string message) {
  return Status(StatusCode::kUnavailable, std::move(message));
}

Status Status::Permanent(std::string message) {
  return Status(StatusCode::kInternal, std::move(message));
}

const std::string& Status::message() const { return rep_ ? rep_->message : EmptyString(); }

const std::string& Status::wire_status() const { return rep_ ? rep_->wire_status : EmptyString(); }

Status Status::WithRetryAfter(Delay delay) const {
  return Changed([&](Rep& rep) {
    rep.retry_after = delay;
    if (rep.code == StatusCode::kResourceExhausted) rep.permanent = false;
  });
}

Status Status::WithPermanent(bool permanent) const {
  return Changed([&](Rep& rep) { rep.permanent = permanent; });
}

Status Status::WithWireStatus(std::string serialized) const {
  return Changed([&](Rep& rep) { rep.wire_status = std::move(serialized); });
}

Status Status::WithPrefix(std::string_view prefix) const {
  return Changed([&](Rep& rep) { rep.message.insert(0, prefix); });
}

std::string Status::ToString() const {
  if (ok()) return "OK";
  std::string text = "rpc error: code = ";
  text += StatusCodeName(code());
  text += " desc = ";
  text += message();
  return text;
}

// The serialised status of a remote holds its message: one that is not in it was wrapped since.
std::string Status::ShownBesideOthers() const {
  const bool plain = !wire_status().empty() && wire_status().find(message()) != std::string::npos;
  return plain ? ToString() : message();
}

Status Status::Worst(const Status& a, const Status& b) {
  if (a.ok()) return b;
  if (b.ok()) return a;
  const Status& worse = b.permanent() && !a.permanent() ? b : a;
  return worse.Changed([&](Rep& rep) {
    rep.message = a.ShownBesideOthers() + "; " + b.ShownBesideOthers();
    if (a.retry_after() && b.retry_after()) {
      rep.retry_after = std::max(*a.retry_after(), *b.retry_after());
    } else if (!rep.permanent && !rep.retry_after) {
      rep.retry_after = a.retry_after() ? a.retry_after() : b.retry_after();
    }
  });
}

}  // namespace weir
