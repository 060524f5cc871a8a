// The tokens of a JSON text, pulled one by one by a reader that knows what it expects.
//
// Why not a general parser: OTLP/JSON as the Collector reads it is not quite JSON (invalid UTF-8
// passes, text behind the request is ignored), and an index of the whole text would cost several
// times the body's size in memory that no budget has seen. The scanner holds nothing but a
// position.
//
// Every function skips white space in front of its token. The ones that return bool are false after
// a mistake, which error() then describes; nothing may be called after that.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace weir::model::json {

class Scanner {
 public:
  explicit Scanner(std::string_view text)
      : begin_(text.data()), position_(text.data()), end_(text.data() + text.size()) {}

  // The next character that is not white space, not consumed; NUL at the end.
  char Peek() {
    // Most texts have no white space.
    if (position_<end_&& static_cast<unsigned char>(*position_)> ' ') return *position_;
    SkipSpace();
    return position_ < end_ ? *position_ : '\0';
  }
  // Consumes `c` if it comes next.
  bool TryTake(char c) {
    if (Peek() != c || position_ == end_) return false;
    ++position_;
    return true;
  }
  // As TryTake, but its absence is the mistake "expected `what`, found ...".
  bool Take(char c, std::string_view what) { return TryTake(c) || FailExpected(what); }
  // Consumes the string `name` and the colon behind it, if exactly `"name":` comes next.
  bool TryTakeKey(std::string_view name);
  // Consumes `null` if that comes next; `*found` says so. Another word with n is a mistake.
  bool TakeNull(bool* found) {
    *found = Peek() == 'n';
    return !*found || ReadNull();
  }

  // What stands between the quotes, escapes not resolved: valid as long as the text.
  struct RawString {
    std::string_view text;
    bool escaped;
  };
  bool ReadRawString(RawString* raw);
  // A string with its escapes resolved; the view lives until the next call.
  bool ReadString(std::string_view* text);
  bool ReadBool(bool* value);
  // A number's text: an optional minus, digits, optional fraction and exponent, as JSON's grammar
  // has it.
  bool ReadNumber(std::string_view* number);
  // Consumes a value of any kind, well formed but for its escapes and its text's encoding.
  bool SkipValue();

  // Resolves the escapes of `raw` into `out`, which has room for raw.size() bytes. The number of
  // bytes written, or -1 after a mistake.
  ptrdiff_t Unescape(std::string_view raw, char* out);

  // Describes a mistake at the token just read (or at the next one when none was). Always false.
  bool Fail(std::string what);
  const std::string& error() const { return error_; }
  // Where the mistake is, in bytes from the beginning.
  size_t error_offset() const { return error_offset_; }

 private:
  void SkipSpace() {
    while (position_ < end_ &&
           (*position_ == ' ' || *position_ == '\n' || *position_ == '\t' || *position_ == '\r')) {
      ++position_;
    }
  }
  bool FailExpected(std::string_view what);
  bool ReadNull();
  bool UnescapeInto(std::string_view raw, std::string_view* text);
  bool ReadEscapedString(const char* stop, RawString* raw);
  bool SkipContainer();
  bool SkipKey(char container);
  bool SkipScalar();

  const char* const begin_;
  const char* position_;
  const char* const end_;
  const char* token_ = nullptr;  // begin of the token read last, for errors
  std::string scratch_;
  std::string error_;
  size_t error_offset_ = 0;
};

// The first quote, backslash or control character in [from, end), or `end`.
inline const char* FindStringEnd(const char* from, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i last_control = _mm_set1_epi8(0x1F);
  while (end - from >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    const __m128i stops = _mm_or_si128(
        control, _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)));
    const auto mask = static_cast<uint32_t>(_mm_movemask_epi8(stops));
    if (mask != 0) return from + std::countr_zero(mask);
    from += 16;
  }
#endif
  while (from < end && *from != '"' && *from != '\\' && static_cast<unsigned char>(*from) >= 0x20) {
    ++from;
  }
  return from;
}

// memcmp() == 0 for names of a few words, without a call.
inline bool SameBytes(const char* a, const char* b, size_t size) {
  const auto same = [&](size_t offset, auto word) {
    auto other = word;
    std::memcpy(&word, a + offset, sizeof(word));
    std::memcpy(&other, b + offset, sizeof(other));
    return word == other;
  };
  if (size >= 8) {
    for (size_t i = 0; i + 8 < size; i += 8) {
      if (!same(i, uint64_t{})) return false;
    }
    return same(size - 8, uint64_t{});
  }
  if (size >= 4) return same(0, uint32_t{}) && same(size - 4, uint32_t{});
  for (size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

inline bool Scanner::TryTakeKey(std::string_view name) {
  if (static_cast<size_t>(end_ - position_) < name.size() + 3) return false;
  const char* const first = position_ + 1;
  if (*first != name[0] || first[name.size()] != '"' || first[name.size() + 1] != ':' ||
      *position_ != '"' || !SameBytes(first, name.data(), name.size())) {
    return false;
  }
  position_ += name.size() + 3;
  return true;
}

inline bool Scanner::ReadRawString(RawString* raw) {
  if (Peek() != '"') return FailExpected("a string");
  token_ = position_;
  const char* const start = position_ + 1;
  const char* const stop = FindStringEnd(start, end_);
  if (stop == end_ || *stop != '"') return ReadEscapedString(stop, raw);
  *raw = {{start, static_cast<size_t>(stop - start)}, false};
  position_ = stop + 1;
  return true;
}

inline bool Scanner::ReadString(std::string_view* text) {
  RawString raw;
  if (!ReadRawString(&raw)) return false;
  *text = raw.text;
  return !raw.escaped || UnescapeInto(raw.text, text);
}

}  // namespace weir::model::json
