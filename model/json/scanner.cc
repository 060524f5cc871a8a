#include "model/json/scanner.h"

#include <cstring>

namespace weir::model::json {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The value of four hexadecimal digits, or -1.
int32_t HexQuad(const char* digits, const char* end) {
  if (end - digits < 4) return -1;
  int32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = HexDigit(digits[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

char* PutUtf8(char* out, uint32_t code) {
  if (code < 0x80) {
    *out++ = static_cast<char>(code);
  } else if (code < 0x800) {
    *out++ = static_cast<char>(0xC0 | code >> 6);
    *out++ = static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    *out++ = static_cast<char>(0xE0 | code >> 12);
    *out++ = static_cast<char>(0x80 | (code >> 6 & 0x3F));
    *out++ = static_cast<char>(0x80 | (code & 0x3F));
  } else {
    *out++ = static_cast<char>(0xF0 | code >> 18);
    *out++ = static_cast<char>(0x80 | (code >> 12 & 0x3F));
    *out++ = static_cast<char>(0x80 | (code >> 6 & 0x3F));
    *out++ = static_cast<char>(0x80 | (code & 0x3F));
  }
  return out;
}

// The character that \u escapes at `digits` (behind "\u") stand for; `*next` is behind them. Half a
// pair stands for U+FFFD. -1: bad digits.
int32_t UnescapeUnicode(const char* digits, const char* end, const char** next) {
  constexpr int32_t kReplacement = 0xFFFD;
  const int32_t first = HexQuad(digits, end);
  if (first < 0) return -1;
  *next = digits + 4;
  if (first < 0xD800 || first > 0xDFFF) return first;
  if (first > 0xDBFF || end - *next < 2 || (*next)[0] != '\\' || (*next)[1] != 'u') {
    return kReplacement;
  }
  const int32_t second = HexQuad(*next + 2, end);
  if (second < 0xDC00 || second > 0xDFFF) return kReplacement;
  *next += 6;
  return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
}

char UnescapeSimple(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return '\0';
  }
}

// Of a character that an error message shows.
std::string Describe(const char* position, const char* end) {
  if (position >= end) return "the end of the text";
  const unsigned char c = static_cast<unsigned char>(*position);
  if (c >= 0x20 && c < 0x7F) return std::string("`") + *position + "`";
  constexpr char kHex[] = "0123456789abcdef";
  return std::string("byte 0x") + kHex[c >> 4] + kHex[c & 15];
}

}  // namespace

bool Scanner::Fail(std::string what) {
  if (error_.empty()) {
    error_ = std::move(what);
    error_offset_ = static_cast<size_t>((token_ != nullptr ? token_ : position_) - begin_);
  }
  return false;
}

bool Scanner::FailExpected(std::string_view what) {
  SkipSpace();
  token_ = position_;
  return Fail("expected " + std::string(what) + ", found " + Describe(position_, end_));
}

bool Scanner::ReadNull() {
  if (end_ - position_ < 4 || std::memcmp(position_, "null", 4) != 0) return FailExpected("null");
  token_ = position_;
  position_ += 4;
  return true;
}

// The rest of ReadRawString() for a string in which something stands at `stop` that is not its end.
bool Scanner::ReadEscapedString(const char* stop, RawString* raw) {
  const char* const start = position_ + 1;
  while (end_ - stop >= 2 && *stop == '\\') stop = FindStringEnd(stop + 2, end_);
  if (stop < end_ && *stop == '"') {
    *raw = {{start, static_cast<size_t>(stop - start)}, true};
    position_ = stop + 1;
    return true;
  }
  if (end_ - stop < 2) return Fail("the string has no end");
  token_ = stop;
  return Fail("control characters in strings must be escaped, found " + Describe(stop, end_));
}

ptrdiff_t Scanner::Unescape(std::string_view raw, char* out) {
  const char* from = raw.data();
  const char* const end = from + raw.size();
  char* to = out;
  while (from < end) {
    const void* next = std::memchr(from, '\\', static_cast<size_t>(end - from));
    const char* const stop = next ? static_cast<const char*>(next) : end;
    std::memcpy(to, from, static_cast<size_t>(stop - from));
    to += stop - from;
    from = stop;
    if (from == end) break;
    token_ = from;
    if (from[1] == 'u') {
      const int32_t code = UnescapeUnicode(from + 2, end, &from);
      if (code < 0) return Fail("\\u needs four hexadecimal digits"), -1;
      to = PutUtf8(to, static_cast<uint32_t>(code));
    } else {
      const char c = UnescapeSimple(from[1]);
      if (c == '\0') return Fail("unknown escape \\" + std::string(1, from[1])), -1;
      *to++ = c;
      from += 2;
    }
  }
  return to - out;
}

bool Scanner::UnescapeInto(std::string_view raw, std::string_view* text) {
  scratch_.resize(raw.size());
  const ptrdiff_t size = Unescape(raw, scratch_.data());
  if (size < 0) return false;
  *text = std::string_view(scratch_).substr(0, static_cast<size_t>(size));
  return true;
}

bool Scanner::ReadBool(bool* value) {
  SkipSpace();
  for (const std::string_view word : {std::string_view("true"), std::string_view("false")}) {
    if (std::string_view(position_, static_cast<size_t>(end_ - position_)).starts_with(word)) {
      token_ = position_;
      position_ += word.size();
      *value = word == "true";
      return true;
    }
  }
  return FailExpected("true or false");
}

bool Scanner::ReadNumber(std::string_view* number) {
  SkipSpace();
  const char* p = position_;
  const auto digits = [&] {
    const char* const start = p;
    while (p < end_ && IsDigit(*p)) ++p;
    return p != start;
  };
  if (p < end_ && *p == '-') ++p;
  const bool leading_zero = p < end_ && *p == '0';
  const char* const whole = p;
  if (!digits()) return FailExpected("a number");
  token_ = position_;
  if (leading_zero && p - whole > 1) return Fail("a number must not begin with 0");
  if (p < end_ && *p == '.') {
    ++p;
    if (!digits()) return Fail("digits must follow the decimal point");
  }
  if (p < end_ && (*p == 'e' || *p == 'E')) {
    ++p;
    if (p < end_ && (*p == '+' || *p == '-')) ++p;
    if (!digits()) return Fail("the exponent has no digits");
  }
  *number = {position_, static_cast<size_t>(p - position_)};
  position_ = p;
  return true;
}

// The key and colon in front of an object's next value; nothing in front of a list's.
bool Scanner::SkipKey(char container) {
  RawString ignored;
  return container == '[' || (ReadRawString(&ignored) && Take(':', "`:`"));
}

// An object or list with all that is in it. Does not recurse: what nobody knows may nest as deep as
// it likes.
bool Scanner::SkipContainer() {
  std::string open;  // the containers around the position, outermost first
  do {
    const char c = Peek();
    if (c == '{' || c == '[') {
      ++position_;
      open += c;
      if (Peek() != (c == '{' ? '}' : ']')) {
        if (!SkipKey(c)) return false;
        continue;
      }
    } else if (!SkipScalar()) {
      return false;
    }
    // Behind a value, or in front of the end of an empty container.
    while (!open.empty()) {
      if (open.back() == '{' ? TryTake('}') : TryTake(']')) {
        open.pop_back();
        continue;
      }
      if (!Take(',', open.back() == '{' ? "`,` or `}`" : "`,` or `]`")) return false;
      if (!SkipKey(open.back())) return false;
      break;
    }
  } while (!open.empty());
  return true;
}

bool Scanner::SkipValue() {
  const char c = Peek();
  return c == '{' || c == '[' ? SkipContainer() : SkipScalar();
}

bool Scanner::SkipScalar() {
  switch (Peek()) {
    case '"': {
      RawString ignored;
      return ReadRawString(&ignored);
    }
    case 't':
    case 'f': {
      bool ignored;
      return ReadBool(&ignored);
    }
    case 'n': {
      bool found;
      return TakeNull(&found);
    }
    default: {
      std::string_view ignored;
      return ReadNumber(&ignored);
    }
  }
}

}  // namespace weir::model::json
