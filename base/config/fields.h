// How a configuration struct tells its keys, once, for everything that needs to know them: reading
// a file, printing the resolved configuration (secrets redacted), listing known keys in an error.
//
//   struct GrpcServerConfig {
//     // The Collector's type, in its errors.
//     static constexpr std::string_view kTypeName = "configgrpc.ServerConfig";
//     std::string endpoint;
//     Optional<TlsServerConfig> tls;  // optional section: absent, {} or with keys
//     config::Duration idle = 60s;    // the default is the initialiser
//     void Fields(config::Fields& f) {
//       f("endpoint", endpoint);
//       f("tls", tls);
//       f("idle_timeout", idle, config::kOmitEmpty);  // not printed when zero
//       f.Squash("clientconfig", client);  // its keys stand among ours; its path shows this name
//     }
//     void Validate(const config::Checker& check) const {...}  // optional
//     // Optional: after decoding, with the section as written. Problems are decode errors.
//     void Decoded(const config::Value& written, const config::Checker& check) {...}
//   };
//
// Field types: bool, int, int64_t, uint32_t, uint64_t, float, double, std::string, Duration,
// Secret, HeaderList, Value (anything), std::vector<T>, std::map<std::string, T>, Optional<T>,
// std::optional<T> (a Go pointer: null = unset), a struct with Fields(), and an enum-like type with
//   static std::string_view GoType();              // "exporterhelper.RequestSizerType", for errors
//   bool FromText(std::string_view text, std::string* error);   std::string ToText() const;
//   bool IsZero() const;                           // optional: what kOmitEmpty leaves out
//   static constexpr bool kPrintsEmpty = true;     // optional: printed as {}
//
// Type rules, null rules and texts of errors: reference/collector.md §1.1.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/config/problems.h"
#include "base/config/value.h"

namespace weir::config {

using Duration = std::chrono::nanoseconds;

// "1m30s" as Go prints durations.
std::string FormatDuration(Duration duration);
// Go's syntax; on failure `error` is Go's text without the value ("time: unknown unit").
bool ParseDuration(std::string_view text, Duration* duration, std::string* error);

// Text that no log, error or printed configuration shows.
class Secret {
 public:
  Secret() = default;
  Secret(std::string text) : text_(std::move(text)) {}  // NOLINT: implicit on purpose
  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

// `headers`: a map, or a list of {name, value}; in order, values secret.
struct HeaderList {
  std::vector<std::pair<std::string, Secret>> items;
  const Secret* Find(std::string_view name) const;  // exact name
};

// A section that can be switched: absent = `enabled` as the owner's default; `{}`, null or keys =
// on, `enabled: false` = off. Sections without defaults of their own (tls, auth) stay off on null:
// OnNull::kOff.
enum class OnNull : uint8_t { kOn, kOff };
template <typename T>
class Optional {
 public:
  Optional() = default;  // off unless written
  static Optional On() {
    Optional o;
    o.enabled_ = true;
    return o;
  }
  static Optional On(T value) {
    Optional o;
    o.value_ = std::move(value);
    o.enabled_ = true;
    return o;
  }
  // Off, with the defaults that writing the section brings.
  static Optional Off(T defaults = T(), OnNull on_null = OnNull::kOn) {
    Optional o;
    o.value_ = std::move(defaults);
    o.on_null_ = on_null;
    return o;
  }
  explicit operator bool() const { return enabled_; }
  bool enabled() const { return enabled_; }
  const T& operator*() const { return value_; }
  const T* operator->() const { return &value_; }
  T& value() { return value_; }
  void set_enabled(bool enabled) { enabled_ = enabled; }
  OnNull on_null() const { return on_null_; }

 private:
  bool enabled_ = false;
  OnNull on_null_ = OnNull::kOn;
  T value_{};
};

enum FieldFlags : unsigned { kNone = 0, kOmitEmpty = 1 };

class Fields;

template <typename T>
concept Struct = requires(T& t, Fields& f) {
  t.Fields(f);
};
template <typename T>
concept TextEnum = requires(T& t, std::string_view text, std::string* error) {
  { t.FromText(text, error) } -> std::same_as<bool>;
  { t.ToText() } -> std::convertible_to<std::string>;
  { T::GoType() } -> std::convertible_to<std::string_view>;
};

// One visit to every key of a struct. Implementations: decoder, printer, validator, key lister
// (base/config/decode.cc). The virtual functions are for them; structs call operator() and Squash.
class Fields {
 public:
  virtual ~Fields() = default;

  template <typename T>
  void operator()(std::string_view key, T& value, unsigned flags = kNone) {
    if (!BeginField(key, flags)) return;
    Visit(value);
    EndField();
  }
  // As operator(), and sets `written` when a configuration that is being decoded names the key.
  template <typename T>
  void Noting(std::string_view key, T& value, bool& written, unsigned flags = kNone) {
    if (!BeginField(key, flags)) return;
    if (decoding()) written = true;
    Visit(value);
    EndField();
  }
  // `name` is the lower-cased Go field name ("clientconfig"), shown in paths of validation errors.
  template <Struct T>
  void Squash(std::string_view name, T& value) {
    BeginSquash(name);
    value.Fields(*this);
    FinishStruct(value);
    EndSquash();
  }

 protected:
  // A type-erased list or map of values that the visitor may resize and visit one by one.
  struct ListRef {
    std::function<size_t()> size;
    std::function<void(size_t)> resize;  // new elements are defaults
    std::function<void(size_t, Fields&)> visit;
    bool is_null_when_empty = true;
  };
  struct MapRef {
    std::function<std::vector<std::string>()> keys;
    std::function<void()> clear;
    std::function<void(const std::string&, Fields&)> visit;  // creates the element when absent
    std::string go_type = "map[string]interface {}";
  };
  struct OptionalRef {
    bool enabled;
    OnNull on_null;
    std::function<void(bool)> set_enabled;
  };
  struct EnumRef {
    std::string_view go_type;
    std::function<bool(std::string_view, std::string*)> from_text;
    std::function<std::string()> to_text;
    std::function<bool()> is_zero;
    bool prints_empty = false;
  };

  // False skips the field (the decoder: key absent; the printer: omitted).
  virtual bool BeginField(std::string_view key, unsigned flags) = 0;
  virtual void EndField() = 0;
  virtual void BeginSquash(std::string_view name) = 0;
  virtual void EndSquash() = 0;
  virtual void OnBool(bool& value) = 0;
  // Integers arrive as 64 bits and are cut back, as upstream; `go_type` is "int", "int64",
  // "uint32", ...
  virtual void OnInt(int64_t& value, std::string_view go_type) = 0;
  virtual void OnFloat(double& value, std::string_view go_type) = 0;
  virtual void OnString(std::string& value) = 0;
  virtual void OnDuration(Duration& value) = 0;
  virtual void OnSecret(Secret& value) = 0;
  virtual void OnHeaders(HeaderList& value) = 0;
  virtual void OnAny(Value& value) = 0;
  virtual void OnEnum(const EnumRef& value) = 0;
  virtual void OnList(const ListRef& list) = 0;
  virtual void OnMap(const MapRef& map) = 0;
  // True: the visitor wants to visit the section's keys now.
  virtual bool BeginOptional(const OptionalRef& optional) = 0;
  virtual void EndOptional() = 0;
  // Pointers: true when the pointee shall be visited; `create` makes it.
  virtual bool BeginPointer(bool set, const std::function<void(bool)>& set_present) = 0;
  virtual void EndPointer() = 0;
  virtual bool BeginStruct(std::string_view type_name) = 0;
  virtual void EndStruct() = 0;
  // Whether Validate of structs is to be called, and with what; null: not now.
  virtual const Checker* checker() { return nullptr; }
  // Whether Decoded of structs is to be called: with this section, reporting to `decode_checker`.
  virtual const Value* decoded_from() { return nullptr; }
  virtual const Checker* decode_checker() { return nullptr; }
  // True for the decoder alone: a visited key is one that the configuration names.
  virtual bool decoding() const { return false; }

 public:
  // Public for ListRef and MapRef, which visit elements.
  template <typename T>
  void Visit(T& value);

 private:
  template <typename T>
  void FinishStruct(T& value) {
    if constexpr (requires(T & t, const Value& v, const Checker& c) { t.Decoded(v, c); }) {
      if (const Value* written = decoded_from()) value.Decoded(*written, *decode_checker());
    }
    if constexpr (requires(const T& t, const Checker& c) { t.Validate(c); }) {
      if (const Checker* check = checker()) value.Validate(*check);
    }
  }
  template <typename T>
  static bool IsZeroEnum(const T& value) {
    if constexpr (requires { value.IsZero(); }) {
      return value.IsZero();
    } else {
      return std::string(value.ToText()).empty();
    }
  }
  template <typename T>
  static std::string_view TypeNameOf() {
    if constexpr (requires { T::kTypeName; }) {
      return T::kTypeName;
    } else {
      return {};
    }
  }
};

namespace internal {
template <typename T>
inline constexpr bool kIsVector = false;
template <typename T>
inline constexpr bool kIsVector<std::vector<T>> = true;
template <typename T>
inline constexpr bool kIsMap = false;
template <typename T>
inline constexpr bool kIsMap<std::map<std::string, T>> = true;
template <typename T>
inline constexpr bool kIsOptional = false;
template <typename T>
inline constexpr bool kIsOptional<Optional<T>> = true;
template <typename T>
inline constexpr bool kIsPointer = false;
template <typename T>
inline constexpr bool kIsPointer<std::optional<T>> = true;

template <typename T>
constexpr bool PrintsEmpty() {
  if constexpr (requires { T::kPrintsEmpty; }) return T::kPrintsEmpty;
  return false;
}
template <typename T>
constexpr bool HasMapGoType() {
  return requires { T::kMapGoType; };
}

template <typename T>
constexpr std::string_view IntGoType() {
  if constexpr (std::is_same_v<T, int>) return "int";
  if constexpr (std::is_same_v<T, int64_t>) return "int64";
  if constexpr (std::is_same_v<T, uint32_t>) return "uint32";
  if constexpr (std::is_same_v<T, uint64_t>) return "uint64";
  if constexpr (std::is_same_v<T, uint16_t>) return "uint16";
  return "int";
}
}  // namespace internal

template <typename T>
void Fields::Visit(T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    OnBool(value);
  } else if constexpr (std::is_integral_v<T>) {
    int64_t wide = static_cast<int64_t>(value);
    OnInt(wide, internal::IntGoType<T>());
    value = static_cast<T>(wide);
  } else if constexpr (std::is_floating_point_v<T>) {
    double wide = value;
    OnFloat(wide, std::is_same_v<T, float> ? "float32" : "float64");
    value = static_cast<T>(wide);
  } else if constexpr (std::is_same_v<T, std::string>) {
    OnString(value);
  } else if constexpr (std::is_same_v<T, Duration>) {
    OnDuration(value);
  } else if constexpr (std::is_same_v<T, Secret>) {
    OnSecret(value);
  } else if constexpr (std::is_same_v<T, HeaderList>) {
    OnHeaders(value);
  } else if constexpr (std::is_same_v<T, Value>) {
    OnAny(value);
  } else if constexpr (TextEnum<T>) {
    EnumRef ref;
    ref.go_type = T::GoType();
    ref.from_text = [&](std::string_view text, std::string* error) {
      return value.FromText(text, error);
    };
    ref.to_text = [&] { return std::string(value.ToText()); };
    ref.is_zero = [&] { return IsZeroEnum(value); };
    ref.prints_empty = internal::PrintsEmpty<T>();
    OnEnum(ref);
  } else if constexpr (internal::kIsVector<T>) {
    ListRef list;
    list.size = [&] { return value.size(); };
    list.resize = [&](size_t size) { value.resize(size); };
    list.visit = [&](size_t index, Fields& f) { f.Visit(value[index]); };
    OnList(list);
  } else if constexpr (internal::kIsMap<T>) {
    MapRef map;
    map.keys = [&] {
      std::vector<std::string> keys;
      keys.reserve(value.size());
      for (const auto& [key, element] : value) keys.push_back(key);
      return keys;
    };
    map.clear = [&] { value.clear(); };
    map.visit = [&](const std::string& key, Fields& f) { f.Visit(value[key]); };
    if constexpr (std::is_same_v<typename T::mapped_type, std::string>) {
      map.go_type = "map[string]string";
    } else if constexpr (internal::HasMapGoType<typename T::mapped_type>()) {
      map.go_type = T::mapped_type::kMapGoType;
    }
    OnMap(map);
  } else if constexpr (internal::kIsOptional<T>) {
    const auto set_enabled = [&](bool on) { value.set_enabled(on); };
    if (BeginOptional({value.enabled(), value.on_null(), set_enabled})) {
      Visit(value.value());
      EndOptional();
    }
  } else if constexpr (internal::kIsPointer<T>) {
    const auto set_present = [&](bool present) {
      if (!present) {
        value.reset();
      } else if (!value) {
        value.emplace();
      }
    };
    if (BeginPointer(value.has_value(), set_present)) {
      Visit(*value);
      EndPointer();
    }
  } else {
    static_assert(Struct<T>, "a configuration field needs a known type or a Fields() function");
    if (BeginStruct(TypeNameOf<T>())) {
      value.Fields(*this);
      FinishStruct(value);
      EndStruct();
    }
  }
}

}  // namespace weir::config
