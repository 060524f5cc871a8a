#include "app/config/arguments.h"

#include <algorithm>
#include <array>
#include <optional>

namespace weir::app {
namespace {

constexpr std::array<std::string_view, 7> kCommands = {
    "completion",   "components", "featuregate",         "help",
    "print-config", "validate",   "print-initial-config"};

auto Refuse(std::string text) {
  return Fail(Status(StatusCode::kInvalidArgument, std::move(text)));
}

bool IsBoolean(std::string_view flag) {
  return flag == "help" || flag == "version" || flag == "validate";
}

// Go's strconv.ParseBool.
std::optional<bool> ParseBool(std::string_view text) {
  for (const std::string_view word : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == word) return true;
  }
  for (const std::string_view word : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (text == word) return false;
  }
  return std::nullopt;
}

bool IsKnownFlag(std::string_view flag, std::string_view command) {
  if (flag == "help") return true;
  if (flag == "version") return command.empty();
  const bool prints = command == "print-config";
  if (flag == "mode" || flag == "format" || flag == "validate") return prints;
  if (flag == "config" || flag == "set") return prints || command.empty() || command == "validate";
  return flag == "feature-gates";
}

Status Take(Arguments& out, std::string_view flag, const std::string& value) {
  if (flag == "config") {
    out.configs.push_back(value);
  } else if (flag == "set") {
    out.sets.push_back(value);
  } else if (flag == "feature-gates") {
    out.feature_gates.push_back(value);
  } else if (flag == "mode") {
    out.mode = value;
  } else if (flag == "format") {
    out.format = value;
  } else {
    const std::optional<bool> on = ParseBool(value);
    if (!on) {
      return Status(StatusCode::kInvalidArgument,
                    "invalid argument \"" + value + "\" for \"--" + std::string(flag) +
                        "\" flag: strconv.ParseBool: parsing \"" + value + "\": invalid syntax");
    }
    (flag == "help" ? out.help : flag == "version" ? out.version : out.validate) = *on;
  }
  return Status();
}

}  // namespace

Result<Arguments> Arguments::Parse(const std::vector<std::string>& arguments,
                                   std::string_view program) {
  Arguments out;
  // The command may stand behind flags; which flags are known depends on it.
  for (size_t i = 0; i < arguments.size() && out.command.empty(); ++i) {
    if (arguments[i].substr(0, 1) != "-") out.command = arguments[i];
    const bool takes_next = arguments[i].substr(0, 2) == "--" && arguments[i].size() > 2 &&
                            arguments[i].find('=') == std::string::npos &&
                            !IsBoolean(std::string_view(arguments[i]).substr(2));
    if (takes_next) ++i;
  }
  if (!out.command.empty() &&
      std::find(kCommands.begin(), kCommands.end(), out.command) == kCommands.end()) {
    return Refuse("unknown command \"" + out.command + "\" for \"" + std::string(program) +
                  "\"\nRun '" + std::string(program) + " --help' for usage.");
  }
  bool command_seen = false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "-h") {
      out.help = true;
    } else if (argument.size() > 1 && argument[0] == '-' && argument[1] != '-') {
      return Refuse("unknown shorthand flag: '" + argument.substr(1, 1) + "' in " + argument);
    } else if (argument.substr(0, 2) != "--") {
      if (command_seen) out.words.push_back(argument);
      command_seen = true;
    } else {
      const size_t equal = argument.find('=');
      const std::string flag = argument.substr(2, equal == std::string::npos ? equal : equal - 2);
      const bool initial = out.command == "print-initial-config";
      if (!IsKnownFlag(flag, initial ? "print-config" : out.command))
        return Refuse("unknown flag: --" + flag);
      std::string value = "true";
      if (equal != std::string::npos) {
        value = argument.substr(equal + 1);
      } else if (!IsBoolean(flag)) {
        if (++i == arguments.size()) return Refuse("flag needs an argument: --" + flag);
        value = arguments[i];
      }
      if (Status status = Take(out, flag, value); !status.ok()) return Fail(std::move(status));
    }
  }
  if (out.command == "print-initial-config") out.command = "print-config";
  return out;
}

}  // namespace weir::app
