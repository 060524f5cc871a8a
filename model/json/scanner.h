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

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::model::json {

class Scanner {
 public:
  explicit Scanner(std::string_view text)
      : begin_(text.data()), position_(text.data()), end_(text.data() + text.size()) {}

  // The next character that is not white space, not consumed; NUL at the end.
  char Peek() {
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
  bool Take(char c, std::string_view what);
  // Consumes `null` if that comes next; `*found` says so. Another word with n is a mistake.
  bool TakeNull(bool* found);

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
  // Consumes a value of any kind. Only strings and brackets are looked at.
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
  const char* FindStringEnd(const char* from);
  bool SkipBrackets();

  const char* const begin_;
  const char* position_;
  const char* const end_;
  const char* token_ = nullptr;  // begin of the token read last, for errors
  std::string scratch_;
  std::string error_;
  size_t error_offset_ = 0;
};

}  // namespace weir::model::json
