// A move-only std::function with room for a small capture inside, for callbacks that own what they
// hold.
//
// UniqueFunction<void(Status)> f = [queue = std::move(queue)](Status s) mutable {...}; a capture of
// up to 48 bytes costs no allocation. Calling an empty one is a CHECK failure. Not thread-safe: one
// owner at a time.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "base/check.h"

namespace weir {

template <typename Signature>
class UniqueFunction;

template <typename R, typename... Args>
class UniqueFunction<R(Args...)> {
 public:
  UniqueFunction() = default;
  UniqueFunction(std::nullptr_t) {}  // NOLINT: an empty function, as std::function has it

  template <typename F,
            typename = std::enable_if_t<!std::is_same_v<std::decay_t<F>, UniqueFunction> &&
                                        std::is_invocable_r_v<R, std::decay_t<F>&, Args...>>>
  UniqueFunction(F&& function) {  // NOLINT: implicit, as std::function
    using Held = std::decay_t<F>;
    if constexpr (kFitsInline<Held>) {
      new (&storage_) Held(std::forward<F>(function));
      table_ = &InlineTable<Held>::kTable;
    } else {
      new (&storage_) Held*(new Held(std::forward<F>(function)));
      table_ = &HeapTable<Held>::kTable;
    }
  }

  UniqueFunction(UniqueFunction&& other) noexcept { MoveFrom(other); }
  UniqueFunction& operator=(UniqueFunction&& other) noexcept {
    if (this != &other) {
      Reset();
      MoveFrom(other);
    }
    return *this;
  }
  ~UniqueFunction() { Reset(); }

  explicit operator bool() const { return table_ != nullptr; }

  R operator()(Args... args) {
    CHECK(table_ != nullptr) << "call of an empty function";
    return table_->call(&storage_, std::forward<Args>(args)...);
  }

 private:
  static constexpr size_t kInlineSize = 48;
  struct Table {
    R (*call)(void*, Args&&...);
    void (*move)(void* from, void* to);  // leaves `from` destroyed
    void (*destroy)(void*);
  };
  template <typename F>
  static constexpr bool kFitsInline =
      sizeof(F) <= kInlineSize &&
      alignof(F) <= alignof(std::max_align_t) && std::is_nothrow_move_constructible_v<F>;
  template <typename F>
  struct InlineTable {
    static R Call(void* f, Args&&... args) {
      return (*static_cast<F*>(f))(std::forward<Args>(args)...);
    }
    static void Move(void* from, void* to) {
      new (to) F(std::move(*static_cast<F*>(from)));
      static_cast<F*>(from)->~F();
    }
    static void Destroy(void* f) { static_cast<F*>(f)->~F(); }
    static constexpr Table kTable{&Call, &Move, &Destroy};
  };
  template <typename F>
  struct HeapTable {
    static R Call(void* f, Args&&... args) {
      return (**static_cast<F**>(f))(std::forward<Args>(args)...);
    }
    static void Move(void* from, void* to) { new (to) F*(*static_cast<F**>(from)); }
    static void Destroy(void* f) { delete *static_cast<F**>(f); }
    static constexpr Table kTable{&Call, &Move, &Destroy};
  };

  void MoveFrom(UniqueFunction& other) {
    table_ = other.table_;
    if (table_) table_->move(&other.storage_, &storage_);
    other.table_ = nullptr;
  }
  void Reset() {
    if (table_) table_->destroy(&storage_);
    table_ = nullptr;
  }

  const Table* table_ = nullptr;
  alignas(std::max_align_t) std::byte storage_[kInlineSize];
};

}  // namespace weir
