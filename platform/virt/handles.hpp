// SPDX-License-Identifier: Apache-2.0
//
// Move-only owners of libvirt's objects, and its last error as an Error. Private to this folder.
// Thread safety: libvirt's last error belongs to the thread: call fail() on the thread that saw the
// failure, at once.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "platform/core/clock.hpp"
#include "platform/core/error.hpp"

struct _virConnect;
struct _virDomain;

namespace patchlab::virt {

struct CloseConnection {
    void operator()(_virConnect* connection) const noexcept;
};
struct FreeDomain {
    void operator()(_virDomain* domain) const noexcept;
};
using Connection = std::unique_ptr<_virConnect, CloseConnection>;
/// Shared, because a call that overran its deadline still holds it.
using Domain = std::shared_ptr<_virDomain>;

/// Throws Error(lab) "<what>: <libvirt's message>".
[[noreturn]] void fail(const std::string& what);

/// Takes over a domain libvirt returned; fail(what) when it is null.
Domain own(_virDomain* domain, const std::string& what);

// Calls with a deadline into a library that has none: libvirt waits for ever for an emulator that
// was stopped or hangs. Private to this folder. A call that overruns keeps running on its own
// thread until the emulator is killed, which ends it; so kill the emulator first, then destroy this
// object, which joins. Thread safety: full.

class GuardedCalls {
  public:
    GuardedCalls() = default;
    GuardedCalls(const GuardedCalls&) = delete;
    GuardedCalls& operator=(const GuardedCalls&) = delete;
    ~GuardedCalls() { join_overdue(); }

    /// Runs `work`, which must own all it touches (it may outlive the caller). Error(timeout) when
    /// it has not returned in time, and at once while an earlier call still hangs.
    template <typename Work>
    auto call(Seconds deadline, const std::string& what, Work work) -> decltype(work()) {
        if (!idle())
            throw Error(ErrorCode::timeout, what + ": the hypervisor still does not answer");
        std::packaged_task<decltype(work())()> task(std::move(work));
        auto result = task.get_future();
        std::thread thread(std::move(task));
        if (result.wait_for(deadline) == std::future_status::ready) {
            thread.join();
            return result.get();
        }
        const std::lock_guard lock(mutex_);
        overdue_.push_back(
            {std::move(thread), [pending = std::make_shared<decltype(result)>(std::move(result))] {
                 return pending->wait_for(Seconds(0)) != std::future_status::ready;
             }});
        throw Error(ErrorCode::timeout, what + ": the hypervisor did not answer in time");
    }

    /// False while a call that overran still hangs.
    bool idle() {
        const std::lock_guard lock(mutex_);
        for (const Overdue& call : overdue_)
            if (call.running()) return false;
        return true;
    }

    /// Waits for the calls that overran.
    void join_overdue() {
        std::vector<Overdue> calls;
        {
            const std::lock_guard lock(mutex_);
            calls.swap(overdue_);
        }
        for (Overdue& call : calls) call.thread.join();
    }

  private:
    struct Overdue {
        std::thread thread;
        std::function<bool()> running;
    };

    std::mutex mutex_;
    std::vector<Overdue> overdue_;
};

}  // namespace patchlab::virt
