// SPDX-License-Identifier: MIT
// A coroutine type as users write them, and places at which a test holds a coroutine.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace netrun::llm::testing {

template <class T>
class Task;

namespace detail {

/// Starts nothing by itself, and goes on with whoever awaits it.
struct PromiseBase {
  struct Final {
    static bool await_ready() noexcept { return false; }
    template <class P>
    static std::coroutine_handle<> await_suspend(std::coroutine_handle<P> ended) noexcept {
      return ended.promise().awaiting;
    }
    static void await_resume() noexcept {}
  };
  static std::suspend_always initial_suspend() noexcept { return {}; }
  static Final final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { thrown = std::current_exception(); }
  void check() const {
    if (thrown) std::rethrow_exception(thrown);
  }

  std::coroutine_handle<> awaiting = std::noop_coroutine();
  std::exception_ptr thrown;
};

template <class T>
struct Promise : PromiseBase {
  Task<T> get_return_object() noexcept;
  template <class U>
  void return_value(U&& value) {
    if constexpr (std::is_reference_v<T>) {
      result = &value;
    } else {
      result.emplace(std::forward<U>(value));
    }
  }
  /// A reference into this promise, as some tasks give it.
  T&& take() {
    check();
    if constexpr (std::is_reference_v<T>) {
      return static_cast<T&&>(*result);
    } else {
      return std::move(*result);
    }
  }

  std::conditional_t<std::is_reference_v<T>, std::remove_reference_t<T>*, std::optional<T>> result;
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object() noexcept;
  void return_void() noexcept {}
  void take() const { check(); }
};

}  // namespace detail

/// Lazy, owned by whoever holds it, awaited once.
template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;

  explicit Task(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~Task() {
    if (frame_) frame_.destroy();
  }

  [[nodiscard]] bool done() const { return frame_.done(); }
  [[nodiscard]] std::coroutine_handle<> handle() const { return frame_; }
  /// Runs to the first place that holds it, or to its end.
  void start() { frame_.resume(); }
  decltype(auto) result() { return frame_.promise().take(); }

  auto operator co_await() && noexcept {
    struct Awaiter {
      std::coroutine_handle<promise_type> frame;
      static bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
        frame.promise().awaiting = awaiting;
        return frame;
      }
      decltype(auto) await_resume() { return frame.promise().take(); }
    };
    return Awaiter{frame_};
  }

 private:
  std::coroutine_handle<promise_type> frame_;
};

template <class T>
Task<T> detail::Promise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<Promise>::from_promise(*this));
}
inline Task<void> detail::Promise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<Promise>::from_promise(*this));
}

/// Holds the coroutine that awaits it until the test goes on with it.
class Gate {
 public:
  // An awaiter of its own: g++ 12 copies a captured variable that is one itself.
  auto operator co_await() noexcept {
    struct Awaiter {
      Gate& gate;
      static bool await_ready() noexcept { return false; }
      void await_suspend(std::coroutine_handle<> held) const noexcept { gate.held_ = held; }
      static void await_resume() noexcept {}
    };
    return Awaiter{*this};
  }
  void open() { std::exchange(held_, {}).resume(); }

 private:
  std::coroutine_handle<> held_;
};

}  // namespace netrun::llm::testing
