// SPDX-License-Identifier: Apache-2.0
//
// Loop: one thread that waits for everything at once (Asio behind it). A coroutine pauses at a
// Socket, a Signal or for a time; the loop resumes it. Ownership: sockets and signals must not
// outlive their loop. Thread safety: everything on the thread of run().
#pragma once

#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platform/core/clock.hpp"
#include "platform/core/files.hpp"
#include "platform/http/task.hpp"

namespace patchlab::http {

/// Why a pause ended.
enum class Wake { ready, timeout, woken, closed };

namespace detail {
struct LoopState;
struct SocketState;
struct SignalState;
}  // namespace detail

class Loop {
  public:
    Loop();
    ~Loop();
    Loop(Loop&&) = delete;

    /// Runs until nothing is left to wait for, or stop().
    void run();
    void stop();
    /// Begins a task that nobody waits for. An exception of it is logged.
    void spawn(Task<void> task);
    /// How many of them have not ended.
    std::size_t spawned() const;
    /// Calls `then` on this loop when the process gets one of the signals, once. Until then run()
    /// has something to wait for: stop() ends it.
    void on_signals(const std::vector<int>& signals, std::function<void()> then);
    /// Calls later, from the loop itself.
    void post(std::function<void()> call);

    detail::LoopState& state() { return *state_; }

  private:
    std::unique_ptr<detail::LoopState> state_;
};

/// What `co_await socket.readable(…)` is.
class [[nodiscard]] SocketPause {
  public:
    SocketPause(std::shared_ptr<detail::SocketState> socket, bool for_writing, Deadline deadline)
        : socket_(std::move(socket)), for_writing_(for_writing), deadline_(deadline) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting);
    Wake await_resume() const;

  private:
    std::shared_ptr<detail::SocketState> socket_;
    bool for_writing_;
    Deadline deadline_;
};

/// A descriptor that never blocks. One coroutine pauses at it at a time.
class Socket {
  public:
    Socket(Loop& loop, UniqueFd fd);
    ~Socket();
    Socket(Socket&&) noexcept;
    Socket& operator=(Socket&&) = delete;

    int fd() const;
    SocketPause readable(Deadline deadline) { return {state_, false, deadline}; }
    SocketPause writable(Deadline deadline) { return {state_, true, deadline}; }
    /// Ends the pause of whoever waits here (Wake::woken); nothing without one.
    void wake();
    /// Ends it with Wake::closed.
    void close();
    bool is_open() const;

  private:
    std::shared_ptr<detail::SocketState> state_;
};

class [[nodiscard]] SignalPause {
  public:
    SignalPause(std::shared_ptr<detail::SignalState> signal, Deadline deadline)
        : signal_(std::move(signal)), deadline_(deadline) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting);
    Wake await_resume() const { return wake_; }

  private:
    std::shared_ptr<detail::SignalState> signal_;
    Deadline deadline_;
    Wake wake_ = Wake::timeout;
};

/// Coroutines wait here until somebody else of the same loop wakes them.
class Signal {
  public:
    explicit Signal(Loop& loop);
    SignalPause wait(Deadline deadline) { return {state_, deadline}; }
    /// Everybody who waits now goes on (Wake::woken).
    void wake_all();
    void wake_one();

  private:
    std::shared_ptr<detail::SignalState> state_;
};

/// Pauses for so long.
Task<void> sleep_for(Loop& loop, Seconds time);

}  // namespace patchlab::http
