#include "processors/probabilistic_sampler/trace_state.h"

#include <algorithm>

namespace weir::processors::probabilistic_sampler {
namespace {

constexpr size_t kSizeMax = 1024;
constexpr size_t kMembersMax = 31;
constexpr size_t kKeySizeMax = 256;
constexpr size_t kTenantSizeMax = 241;
constexpr size_t kSystemSizeMax = 14;
constexpr size_t kValueSizeMax = 256;
constexpr size_t kOtelSizeMax = 256;
constexpr std::string_view kSyntax = "invalid syntax";
constexpr std::string_view kSize = "invalid tracestate size";

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsKeyChar(char c) {
  return IsLower(c) || IsDigit(c) || c == '_' || c == '-' || c == '*' || c == '/';
}
// Printable, without comma and equality sign; blanks count apart.
bool IsValueChar(char c) { return c > ' ' && c <= '~' && c != ',' && c != '='; }

std::string_view TrimBlanks(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// The text in front of the first `separator`; the rest stays in `text`.
std::string_view Cut(std::string_view& text, char separator) {
  const size_t at = text.find(separator);
  const std::string_view head = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return head;
}

bool AllKeyChars(std::string_view text) { return std::all_of(text.begin(), text.end(), IsKeyChar); }

bool IsKey(std::string_view key) {
  const size_t at = key.find('@');
  if (at == std::string_view::npos) return !key.empty() && IsLower(key[0]) && AllKeyChars(key);
  const std::string_view tenant = key.substr(0, at);
  const std::string_view system = key.substr(at + 1);
  return !tenant.empty() && !system.empty() && (IsLower(tenant[0]) || IsDigit(tenant[0])) &&
         IsLower(system[0]) && AllKeyChars(tenant) && AllKeyChars(system);
}

bool FitsKey(std::string_view key) {
  if (key.size() > kKeySizeMax) return false;
  const size_t at = key.find('@');
  return at == std::string_view::npos ||
         (at <= kTenantSizeMax && key.size() - at - 1 <= kSystemSizeMax);
}

bool IsValue(std::string_view value) {
  return !value.empty() && value.size() <= kValueSizeMax && IsValueChar(value.back()) &&
         std::all_of(value.begin(), value.end(), [](char c) { return c == ' ' || IsValueChar(c); });
}

bool IsWellFormed(std::string_view text) {
  while (!text.empty()) {
    std::string_view member = TrimBlanks(Cut(text, ','));
    if (member.empty()) continue;
    if (member.find('=') == std::string_view::npos) return false;
    const std::string_view key = Cut(member, '=');
    if (!IsKey(key) || !IsValue(member)) return false;
  }
  return true;
}

// key:value;key:value
bool IsOtelValue(std::string_view text) {
  do {
    const bool last = text.find(';') == std::string_view::npos;
    std::string_view member = Cut(text, ';');
    if (member.find(':') == std::string_view::npos || (!last && text.empty())) return false;
    const std::string_view key = Cut(member, ':');
    const auto value_char = [](char c) {
      return IsLower(c) || IsDigit(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
    };
    if (key.empty() || !IsLower(key[0]) ||
        !std::all_of(key.begin(), key.end(), [](char c) { return IsLower(c) || IsDigit(c); }) ||
        !std::all_of(member.begin(), member.end(), value_char)) {
      return false;
    }
  } while (!text.empty());
  return true;
}

void AppendMember(std::string& out, size_t begin, char separator, std::string_view key,
                  char equality, std::string_view value) {
  if (out.size() > begin) out += separator;
  out += key;
  out += equality;
  out += value;
}

}  // namespace

std::string_view TraceState::Parse(std::string_view text) {
  if (text.size() > kSizeMax) return kSize;
  if (!IsWellFormed(text)) return kSyntax;
  std::string_view error;
  for (size_t members = 1; !text.empty(); ++members) {
    if (members > kMembersMax) return kSize;
    std::string_view member = TrimBlanks(Cut(text, ','));
    if (member.empty()) continue;
    const std::string_view key = Cut(member, '=');
    if (!FitsKey(key)) {
      error = kSize;
    } else if (key != "ot") {
      others_.emplace_back(key, member);
    } else if (!ParseOtel(member)) {
      error = kSyntax;
    }
  }
  return error;
}

bool TraceState::ParseOtel(std::string_view value) {
  // Of several the last counts.
  randomness_.reset();
  threshold_.reset();
  otel_others_.clear();
  if (value.size() > kOtelSizeMax || !IsOtelValue(value)) return false;
  bool good = true;
  while (!value.empty()) {
    std::string_view member = Cut(value, ';');
    const std::string_view key = Cut(member, ':');
    if (key == "rv") {
      randomness_ = Randomness::Parse(member);
      randomness_text_ = member;
      good = good && randomness_;
    } else if (key == "th") {
      threshold_ = Threshold::Parse(member);
      threshold_text_ = member;
      good = good && threshold_;
    } else {
      otel_others_.emplace_back(key, member);
    }
  }
  return good;
}

void TraceState::SetRandomness(Randomness randomness, std::string text) {
  randomness_ = randomness;
  randomness_text_ = std::move(text);
}

void TraceState::set_threshold(std::optional<Threshold> threshold) {
  if (threshold == kNever) threshold.reset();
  threshold_ = threshold;
  threshold_text_ = threshold ? threshold->ToText() : std::string();
}

std::string TraceState::ToText() const {
  std::string out;
  if (randomness_ || threshold_ || !otel_others_.empty()) {
    out = "ot=";
    const size_t begin = out.size();
    if (randomness_) AppendMember(out, begin, ';', "rv", ':', randomness_text_);
    if (threshold_) AppendMember(out, begin, ';', "th", ':', threshold_text_);
    for (const auto& [key, value] : otel_others_) AppendMember(out, begin, ';', key, ':', value);
  }
  for (const auto& [key, value] : others_) AppendMember(out, 0, ',', key, '=', value);
  return out;
}

}  // namespace weir::processors::probabilistic_sampler
