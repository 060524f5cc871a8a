#include "pipeline/consumer.h"

namespace weir::pipeline {

const std::vector<std::string>* ClientInfo::FindMetadata(std::string_view lower_case_key) const {
  for (const auto& [key, values] : metadata) {
    if (key == lower_case_key) return &values;
  }
  return nullptr;
}

const std::string* ClientInfo::FindAuth(std::string_view name) const {
  for (const auto& [key, value] : auth) {
    if (key == name) return &value;
  }
  return nullptr;
}

Reservations::~Reservations() {
  for (const Promise& promise : promises_) promise.issuer->GiveBack(promise.size);
}

bool Reservations::Take(Issuer& issuer, BatchSize& size) {
  for (size_t i = 0; i < promises_.size(); ++i) {
    if (promises_[i].issuer != &issuer) continue;
    size = promises_[i].size;
    promises_.erase(promises_.begin() + static_cast<std::ptrdiff_t>(i));
    return true;
  }
  return false;
}

}  // namespace weir::pipeline
