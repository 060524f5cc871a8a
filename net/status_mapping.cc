#include "net/status_mapping.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <ctime>
#include <exception>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

namespace weir::net {
namespace {

constexpr std::string_view kRetryInfoType = "type.googleapis.com/google.rpc.RetryInfo";
constexpr int64_t kNanosPerSecond = 1'000'000'000;

std::string_view ToView(protozero::data_view view) { return {view.data(), view.size()}; }

std::string EncodeRetryInfo(Status::Delay delay) {
  std::string duration;
  protozero::pbf_writer duration_writer(duration);
  const int64_t nanos = std::max<int64_t>(delay.count(), 0);
  if (nanos >= kNanosPerSecond) duration_writer.add_int64(1, nanos / kNanosPerSecond);
  if (nanos % kNanosPerSecond != 0) {
    duration_writer.add_int32(2, static_cast<int32_t>(nanos % kNanosPerSecond));
  }
  std::string info;
  protozero::pbf_writer(info).add_message(1, duration);
  std::string any;
  protozero::pbf_writer any_writer(any);
  any_writer.add_string(1, kRetryInfoType.data(), kRetryInfoType.size());
  any_writer.add_message(2, info);
  return any;
}

Status::Delay DecodeDuration(protozero::pbf_reader message) {
  int64_t seconds = 0;
  int64_t nanos = 0;
  while (message.next()) {
    if (message.tag() == 1 && message.wire_type() == protozero::pbf_wire_type::varint) {
      seconds = message.get_int64();
    } else if (message.tag() == 2 && message.wire_type() == protozero::pbf_wire_type::varint) {
      nanos = message.get_int32();
    } else {
      message.skip();
    }
  }
  // A year is enough for any delay, and keeps the sum inside 64 bits.
  seconds = std::clamp<int64_t>(seconds, 0, 365 * 86400);
  return Status::Delay(seconds * kNanosPerSecond + std::clamp<int64_t>(nanos, 0, kNanosPerSecond));
}

std::optional<Status::Delay> DecodeRetryInfo(std::string_view any_bytes) {
  protozero::pbf_reader any(any_bytes.data(), any_bytes.size());
  std::string_view type;
  std::string_view value;
  while (any.next()) {
    const bool text = any.wire_type() == protozero::pbf_wire_type::length_delimited;
    if (text && any.tag() == 1) {
      type = ToView(any.get_view());
    } else if (text && any.tag() == 2) {
      value = ToView(any.get_view());
    } else {
      any.skip();
    }
  }
  if (!type.ends_with("/google.rpc.RetryInfo")) return std::nullopt;
  Status::Delay delay{0};
  protozero::pbf_reader info(value.data(), value.size());
  while (info.next()) {
    if (info.tag() == 1 && info.wire_type() == protozero::pbf_wire_type::length_delimited) {
      delay = DecodeDuration(info.get_message());
    } else {
      info.skip();
    }
  }
  return delay;
}

// The one door to protozero's exceptions.
std::optional<RpcStatus> DecodeOrThrow(std::string_view bytes) {
  RpcStatus status;
  protozero::pbf_reader message(bytes.data(), bytes.size());
  while (message.next()) {
    const bool text = message.wire_type() == protozero::pbf_wire_type::length_delimited;
    if (message.tag() == 1 && message.wire_type() == protozero::pbf_wire_type::varint) {
      status.code = message.get_int32();
    } else if (message.tag() == 2 && text) {
      status.message = std::string(ToView(message.get_view()));
    } else if (message.tag() == 3 && text) {
      const std::string_view any = ToView(message.get_view());
      status.details.emplace_back(any);
      if (auto delay = DecodeRetryInfo(any)) status.retry_delay = delay;
    } else if (message.tag() <= 3) {
      return std::nullopt;
    } else {
      message.skip();
    }
  }
  return status;
}

void AppendJsonString(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string EncodeParts(int code, std::string_view message,
                        const std::vector<std::string>& details) {
  std::string out;
  protozero::pbf_writer writer(out);
  if (code != 0) writer.add_int32(1, code);
  if (!message.empty()) writer.add_string(2, message.data(), message.size());
  for (const std::string& detail : details) writer.add_message(3, detail);
  return out;
}

RpcStatus PartsOf(const Status& status) {
  RpcStatus parts;
  if (!status.wire_status().empty()) {
    if (auto decoded = DecodeRpcStatus(status.wire_status())) parts = std::move(*decoded);
  }
  parts.code = static_cast<int>(status.code());
  parts.message = status.message();
  if (status.wire_status().empty() && status.retry_after()) {
    parts.retry_delay = status.retry_after();
    parts.details.push_back(EncodeRetryInfo(*status.retry_after()));
  }
  return parts;
}

}  // namespace

int HttpStatusOf(StatusCode code) {
  switch (code) {
    case StatusCode::kOk:
      return 200;
    case StatusCode::kCancelled:
    case StatusCode::kDeadlineExceeded:
    case StatusCode::kAborted:
    case StatusCode::kOutOfRange:
    case StatusCode::kUnavailable:
    case StatusCode::kDataLoss:
      return 503;
    case StatusCode::kResourceExhausted:
      return 429;
    case StatusCode::kInvalidArgument:
      return 400;
    case StatusCode::kUnauthenticated:
      return 401;
    case StatusCode::kPermissionDenied:
      return 403;
    case StatusCode::kUnimplemented:
      return 404;
    default:
      return 500;
  }
}

StatusCode StatusCodeOf(int http_status) {
  switch (http_status) {
    case 400:
      return StatusCode::kInvalidArgument;
    case 401:
      return StatusCode::kUnauthenticated;
    case 403:
      return StatusCode::kPermissionDenied;
    case 404:
      return StatusCode::kUnimplemented;
    case 429:
      return StatusCode::kResourceExhausted;
    case 502:
    case 503:
    case 504:
      return StatusCode::kUnavailable;
    default:
      return StatusCode::kUnknown;
  }
}

std::string EncodeRpcStatus(const Status& status) {
  const RpcStatus parts = PartsOf(status);
  return EncodeParts(parts.code, parts.message, parts.details);
}

std::string EncodeRpcStatusJson(const Status& status) {
  const RpcStatus parts = PartsOf(status);
  std::string out = "{\"code\":" + std::to_string(parts.code);
  if (!parts.message.empty()) {
    out += ", \"message\":";
    AppendJsonString(out, parts.message);
  }
  if (parts.retry_delay) {
    out += ", \"details\":[{\"@type\":\"";
    out += kRetryInfoType;
    const int64_t nanos = parts.retry_delay->count();
    out += "\", \"retryDelay\":\"" + std::to_string(nanos / kNanosPerSecond);
    if (nanos % kNanosPerSecond != 0) {
      std::string fraction = std::to_string(kNanosPerSecond + nanos % kNanosPerSecond).substr(1);
      while (fraction.ends_with("000")) fraction.resize(fraction.size() - 3);
      out += "." + fraction;
    }
    out += "s\"}]";
  }
  return out + "}";
}

std::optional<RpcStatus> DecodeRpcStatus(std::string_view bytes) {
  try {
    return DecodeOrThrow(bytes);
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

Status ToStatus(const RpcStatus& rpc, std::string_view wire) {
  if (rpc.code == 0) return {};
  const StatusCode code = rpc.code > 0 && rpc.code <= static_cast<int>(StatusCode::kUnauthenticated)
                              ? static_cast<StatusCode>(rpc.code)
                              : StatusCode::kUnknown;
  Status status(code, rpc.message);
  if (rpc.retry_delay) status = status.WithRetryAfter(*rpc.retry_delay);
  return status.WithWireStatus(std::string(wire));
}

std::string FormatRetryAfter(Status::Delay delay) {
  const int64_t nanos = std::max<int64_t>(delay.count(), 0);
  return std::to_string((nanos + kNanosPerSecond - 1) / kNanosPerSecond);
}

std::optional<Status::Delay> ParseRetryAfter(std::string_view value,
                                             std::chrono::system_clock::time_point now) {
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error == std::errc() && end == value.data() + value.size()) {
    if (seconds < 0) return std::nullopt;
    return std::chrono::seconds(std::min<int64_t>(seconds, 365LL * 86400));
  }
  std::tm date{};
  const std::string text(value);
  const char* rest = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S ", &date);
  if (rest == nullptr) return std::nullopt;
  const std::string_view zone(rest);
  if (zone != "GMT" && zone != "UTC") return std::nullopt;
  const auto at = std::chrono::system_clock::from_time_t(timegm(&date));
  return std::max(std::chrono::duration_cast<Status::Delay>(at - now), Status::Delay(0));
}

}  // namespace weir::net
