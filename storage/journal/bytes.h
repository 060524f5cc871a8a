// Little-endian integers in byte strings, for what the journal writes.
#pragma once

#include <bit>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace weir::storage::journal {

static_assert(std::endian::native == std::endian::little);

template <typename T>
void Put(char* to, T value) {
  static_assert(std::is_unsigned_v<T>);
  std::memcpy(to, &value, sizeof value);
}
template <typename T>
void Add(std::string& to, T value) {
  to.resize(to.size() + sizeof value);
  Put(to.data() + to.size() - sizeof value, value);
}
template <typename T>
T Get(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
// Takes an integer off the front; false when `from` is too short.
template <typename T>
bool Take(std::string_view& from, T* value) {
  if (from.size() < sizeof(T)) return false;
  *value = Get<T>(from.data());
  from.remove_prefix(sizeof(T));
  return true;
}

}  // namespace weir::storage::journal
