#include "net/http_memo.h"

#include <algorithm>
#include <charconv>

namespace weir::net {
namespace {

bool IsDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

void HttpHeadMemo::Keep(std::string_view bytes, const HttpHead& head) {
  bytes_.clear();
  const auto is_length = [](const HttpHead::Header& header) {
    return SameHeaderName(header.first, "Content-Length");
  };
  // Of two lengths only the parser can say whether they agree.
  if (std::count_if(head.headers.begin(), head.headers.end(), is_length) != 1) return;
  if (head.Has("Transfer-Encoding")) return;
  const std::string_view digits = head.Find("Content-Length");
  if (bytes.size() > kMaxBytes || digits.empty() || digits.size() > kMaxDigits) return;
  if (!IsDigits(digits)) return;
  place_ = bytes.data();
  bytes_ = bytes;
  digits_at_ = static_cast<size_t>(digits.data() - bytes.data());
  digits_ = digits.size();
}

std::optional<uint64_t> HttpHeadMemo::Match(std::string_view bytes) const {
  if (bytes_.empty() || bytes.size() != bytes_.size() || bytes.data() != place_) return {};
  const std::string_view kept = bytes_;
  const std::string_view digits = bytes.substr(digits_at_, digits_);
  const size_t behind = digits_at_ + digits_;
  if (bytes.substr(0, digits_at_) != kept.substr(0, digits_at_)) return {};
  if (bytes.substr(behind) != kept.substr(behind) || !IsDigits(digits)) return {};
  uint64_t length = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), length);
  return length;
}

void HttpAnswerMemo::Keep(std::string_view bytes, const ClientResponse& answer) {
  bytes_ = bytes.size() <= kMaxBytes ? bytes : std::string_view();
  answer_ = answer;
}

const ClientResponse* HttpAnswerMemo::Match(std::string_view bytes) const {
  return !bytes_.empty() && bytes == bytes_ ? &answer_ : nullptr;
}

}  // namespace weir::net
