#include "app/config/command_line.h"

namespace weir::app {
namespace {

using config::Phase;
using config::Problem;

// "'processors' error reading configuration for "batch": ..." above what is wrong inside one
// component; empty elsewhere.
std::string ComponentFrame(const Problem& problem) {
  const size_t first = problem.path.find("::");
  if (first == std::string::npos) return {};
  const std::string section = problem.path.substr(0, first);
  if (section == "service") return {};
  const size_t second = problem.path.find("::", first + 2);
  const std::string id =
      problem.path.substr(first + 2, second == std::string::npos ? second : second - first - 2);
  return "'" + section + "' error reading configuration for \"" + id +
         "\": decoding failed due to the following error(s):\n\n";
}

std::string RenderDecode(const std::vector<Problem>& errors) {
  std::string text =
      "Error: failed to get config: cannot unmarshal the configuration: decoding failed due to "
      "the following error(s):\n\n";
  std::string frame;
  for (const Problem& error : errors) {
    const std::string own = ComponentFrame(error);
    if (own != frame) text += own;
    frame = own;
    text += error.ToString() + "\n";
  }
  return text;
}

std::string RenderResolve(const std::vector<Problem>& errors) {
  std::string text;
  for (const Problem& error : errors) {
    if (error.text.find("unsupported scheme on URI") == 0) {
      text += "Error: " + error.text + "\n";
      continue;
    }
    text += "Error: failed to get config: cannot resolve the configuration: " + error.text;
    if (!error.hint.empty()) text += "; " + error.hint;
    const std::string position = error.position.ToString();
    text += position.empty() ? "\n" : "\n  at " + position + "\n";
  }
  return text;
}

}  // namespace

std::string RenderProblems(const config::Problems& problems, std::string_view invalid_prefix) {
  const std::vector<Problem>& errors = problems.errors();
  if (errors.empty()) return {};
  if (errors.front().phase == Phase::kResolve) return RenderResolve(errors);
  if (errors.front().phase == Phase::kDecode) return RenderDecode(errors);
  std::string text = "Error: ";
  if (errors.front().phase == Phase::kValidate) text += invalid_prefix;
  for (const Problem& error : errors) text += error.ToString() + "\n";
  return text;
}

}  // namespace weir::app
