// SPDX-License-Identifier: Apache-2.0
#include "platform/http/loop.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>

#include "platform/core/log.hpp"

namespace patchlab::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace detail {

struct LoopState {
    asio::io_context io{1};
    std::size_t spawned = 0;
    std::unique_ptr<asio::signal_set> signals;
};

struct SocketState : std::enable_shared_from_this<SocketState> {
    SocketState(asio::io_context& io, UniqueFd fd) : descriptor(io, fd.release()), timer(io) {}

    /// Only the pause that `number` began ends: its handlers may come late.
    void end_pause(std::uint64_t number, Wake why) {
        if (number != pause || !waiting) return;
        ++pause;
        wake = why;
        timer.cancel();
        if (why != Wake::ready && descriptor.is_open()) {
            error_code none;
            descriptor.cancel(none);
        }
        std::exchange(waiting, nullptr).resume();
    }

    asio::posix::stream_descriptor descriptor;
    asio::steady_timer timer;
    std::coroutine_handle<> waiting;
    std::uint64_t pause = 0;
    Wake wake = Wake::ready;
};

struct SignalState {
    struct Waiter {
        std::coroutine_handle<> handle;
        Wake* wake;
        std::shared_ptr<asio::steady_timer> timer;
    };
    explicit SignalState(asio::io_context& context) : io(context) {}
    asio::io_context& io;
    std::list<Waiter> waiters;

    void end_pause(std::list<Waiter>::iterator waiter, Wake why) {
        const auto handle = waiter->handle;
        *waiter->wake = why;
        waiter->timer->cancel();
        waiters.erase(waiter);
        asio::post(io, [handle] { handle.resume(); });
    }
};

namespace {

/// A coroutine that nobody waits for: it destroys itself at its end.
struct Detached {
    struct promise_type {
        Detached get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

Detached run_detached(LoopState& state, Task<void> task) {
    ++state.spawned;
    try {
        co_await task;
    } catch (const std::exception& error) {
        log_error(std::string("a task of the server failed: ") + error.what());
    }
    --state.spawned;
}

}  // namespace

}  // namespace detail

Loop::Loop() : state_(std::make_unique<detail::LoopState>()) {}
Loop::~Loop() = default;

void Loop::run() { state_->io.run(); }
void Loop::stop() { state_->io.stop(); }
void Loop::spawn(Task<void> task) { detail::run_detached(*state_, std::move(task)); }
std::size_t Loop::spawned() const { return state_->spawned; }
void Loop::post(std::function<void()> call) { asio::post(state_->io, std::move(call)); }

void Loop::on_signals(const std::vector<int>& signals, std::function<void()> then) {
    state_->signals = std::make_unique<asio::signal_set>(state_->io);
    for (const int signal : signals) state_->signals->add(signal);
    state_->signals->async_wait([then = std::move(then)](const error_code& error, int) {
        if (!error) then();
    });
}

void SocketPause::await_suspend(std::coroutine_handle<> waiting) {
    detail::SocketState& state = *socket_;
    state.waiting = waiting;
    const std::uint64_t number = ++state.pause;
    if (!state.descriptor.is_open()) {
        asio::post(state.timer.get_executor(),
                   [socket = socket_, number] { socket->end_pause(number, Wake::closed); });
        return;
    }
    state.timer.expires_at(deadline_.end());
    state.timer.async_wait([socket = socket_, number](const error_code& error) {
        if (!error) socket->end_pause(number, Wake::timeout);
    });
    using Descriptor = asio::posix::stream_descriptor;
    state.descriptor.async_wait(for_writing_ ? Descriptor::wait_write : Descriptor::wait_read,
                                [socket = socket_, number](const error_code& error) {
                                    socket->end_pause(number, error ? Wake::closed : Wake::ready);
                                });
}

Wake SocketPause::await_resume() const { return socket_->wake; }

Socket::Socket(Loop& loop, UniqueFd fd)
    : state_(std::make_shared<detail::SocketState>(loop.state().io, std::move(fd))) {
    state_->descriptor.native_non_blocking(true);
}
Socket::Socket(Socket&&) noexcept = default;
Socket::~Socket() {
    if (state_) close();
}

int Socket::fd() const { return state_->descriptor.native_handle(); }
bool Socket::is_open() const { return state_ && state_->descriptor.is_open(); }

void Socket::wake() {
    if (!state_->waiting) return;
    asio::post(state_->timer.get_executor(),
               [state = state_, number = state_->pause] { state->end_pause(number, Wake::woken); });
}

void Socket::close() {
    error_code none;
    state_->descriptor.close(none);
}

Signal::Signal(Loop& loop) : state_(std::make_shared<detail::SignalState>(loop.state().io)) {}

void SignalPause::await_suspend(std::coroutine_handle<> waiting) {
    auto timer = std::make_shared<asio::steady_timer>(signal_->io, deadline_.end());
    const auto waiter = signal_->waiters.insert(signal_->waiters.end(), {waiting, &wake_, timer});
    // a waiter that was woken has left the list, and cancelled its timer; a timer that had run out
    // already must not touch it
    const std::weak_ptr<asio::steady_timer> alive = timer;
    timer->async_wait([signal = signal_, waiter, alive](const error_code& error) {
        if (!error && !alive.expired()) signal->end_pause(waiter, Wake::timeout);
    });
}

void Signal::wake_all() {
    while (!state_->waiters.empty()) wake_one();
}

void Signal::wake_one() {
    if (!state_->waiters.empty()) state_->end_pause(state_->waiters.begin(), Wake::woken);
}

Task<void> sleep_for(Loop& loop, Seconds time) {
    Signal never(loop);
    co_await never.wait(Deadline(time));
}

}  // namespace patchlab::http
