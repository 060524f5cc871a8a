#include "base/config/problems.h"

namespace weir::config {

std::string Problem::ToString() const {
  std::string line = position.ToString();
  if (!line.empty()) line += ": ";
  if (!path.empty()) line += path + ": ";
  line += text;
  if (!hint.empty()) line += "; " + hint;
  return line;
}

void Checker::Error(std::string text, std::string hint) const {
  problems_.AddError({phase_, position_, path_, prefix_ + std::move(text), std::move(hint)});
}

void Checker::Warning(std::string text, std::string hint) const {
  problems_.AddWarning({phase_, position_, path_, prefix_ + std::move(text), std::move(hint)});
}

}  // namespace weir::config
