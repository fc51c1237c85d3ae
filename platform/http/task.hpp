// SPDX-License-Identifier: Apache-2.0
//
// Task: a coroutine whose result somebody waits for. It starts when it is awaited, and whoever
// awaits it goes on when it has ended; an exception of it is theirs. Everything runs on the thread
// of one Loop. Thread safety: none; one thread.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace patchlab::http {

template <typename T>
class Task;

namespace detail {

struct PromiseBase {
    std::coroutine_handle<> continuation;  ///< who waits; none while it has not paused yet
    std::exception_ptr failure;
    bool ended = false;

    struct Final {
        bool await_ready() noexcept { return false; }
        /// Resumes who waits from here. A task that ends without a pause has nobody yet: its
        /// awaiter sees `ended` and goes on without a deeper stack.
        template <typename Promise>
        void await_suspend(std::coroutine_handle<Promise> self) noexcept {
            self.promise().ended = true;
            if (const auto next = self.promise().continuation) next.resume();
        }
        void await_resume() noexcept {}
    };
    std::suspend_always initial_suspend() noexcept { return {}; }
    Final final_suspend() noexcept { return {}; }
    void unhandled_exception() { failure = std::current_exception(); }
};

template <typename T>
struct Promise : PromiseBase {
    std::optional<T> value;
    Task<T> get_return_object();
    void return_value(T result) { value.emplace(std::move(result)); }
    T take() {
        if (failure) std::rethrow_exception(failure);
        return std::move(*value);
    }
};

template <>
struct Promise<void> : PromiseBase {
    Task<void> get_return_object();
    void return_void() {}
    void take() const {
        if (failure) std::rethrow_exception(failure);
    }
};

}  // namespace detail

template <typename T = void>
class [[nodiscard]] Task {
  public:
    using promise_type = detail::Promise<T>;
    explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Task& operator=(Task&&) = delete;
    ~Task() {
        if (handle_) handle_.destroy();
    }

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> awaiting) {
        handle_.resume();
        if (handle_.promise().ended) return false;
        handle_.promise().continuation = awaiting;
        return true;
    }
    T await_resume() { return handle_.promise().take(); }

  private:
    std::coroutine_handle<promise_type> handle_;
};

namespace detail {

template <typename T>
Task<T> Promise<T>::get_return_object() {
    return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() {
    return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

}  // namespace detail

}  // namespace patchlab::http
