// What is wrong with a configuration, all of it at once.
//
// Reading, decoding and validating add problems and go on; the program prints them together, each
// as `file:line:column: path: what is wrong; known keys or nearest name`, and refuses the
// configuration when one is an error.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/config/value.h"

namespace weir::config {

// The step that found it; the Collector prints a different frame for each (reference/collector.md
// §1.1).
enum class Phase : uint8_t { kResolve, kDecode, kValidate, kBuild };

struct Problem {
  Phase phase = Phase::kValidate;
  Position position;  // may be unknown
  std::string path;   // "exporters::otlp_grpc::clientconfig"; may be empty
  std::string text;   // the Collector's words where it has some
  std::string hint;   // "did you mean `endpoint`?", known keys; may be empty

  std::string ToString() const;
};

class Problems {
 public:
  void AddError(Problem problem) { errors_.push_back(std::move(problem)); }
  void AddWarning(Problem problem) { warnings_.push_back(std::move(problem)); }
  bool ok() const { return errors_.empty(); }
  const std::vector<Problem>& errors() const { return errors_; }
  const std::vector<Problem>& warnings() const { return warnings_; }
  std::vector<Problem>& mutable_errors() { return errors_; }

 private:
  std::vector<Problem> errors_;
  std::vector<Problem> warnings_;
};

// What a struct's Validate() reports to: problems at a path, in words of its own.
//
//   void QueueConfig::Validate(Checker& check) const {
//     if (queue_size <= 0) check.Error("`queue_size` must be positive");
//   }
//
// The walker of a configuration (base/config/decode.h) calls Validate of every struct in it,
// deepest first, with the path that the Collector prints: keys, and for squashed structs their
// lower-cased Go field name.
class Checker {
 public:
  // `prefix` stands before each text: the path inside a section that is validated on its own.
  Checker(Problems& problems, std::string path, Position position, std::string prefix = {},
          Phase phase = Phase::kValidate)
      : problems_(problems),
        path_(std::move(path)),
        position_(std::move(position)),
        prefix_(std::move(prefix)),
        phase_(phase) {}
  void Error(std::string text, std::string hint = {}) const;
  void Warning(std::string text, std::string hint = {}) const;
  const std::string& path() const { return path_; }

 private:
  Problems& problems_;
  std::string path_;
  Position position_;
  std::string prefix_;
  Phase phase_;
};

}  // namespace weir::config
