// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/back/worker.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <csignal>
#include <cstring>
#include <type_traits>

#include "platform/core/error.hpp"
#include "platform/core/log.hpp"

namespace patchlab::service {

namespace {

constexpr int most_calls = 1000;  ///< of one worker: what leaks leaks no longer

// Both ends are this very program, so a value travels as it lies in memory.
template <typename Value>
std::string as_bytes(const Value& value) {
    static_assert(std::is_trivially_copyable_v<Value>);
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

template <typename Value>
std::optional<Value> from_bytes(std::string_view bytes) {
    static_assert(std::is_trivially_copyable_v<Value>);
    if (bytes.size() != sizeof(Value)) return std::nullopt;
    Value value;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

void do_nothing(int) {}

/// The server says when to end. A terminal's Ctrl-C is for it alone, so it ends no call here; what
/// a worker starts has the usual signals again.
void leave_signals_to_the_server() {
    struct sigaction action {};
    action.sa_handler = do_nothing;
    action.sa_flags = SA_RESTART;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
}

/// Runs and rollouts that were started outlive the call; those that ended are waited for.
void forget_children() {
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
}

}  // namespace

std::string bytes_of(const Errand& errand) { return as_bytes(errand); }
std::optional<Errand> errand_from(std::string_view bytes) { return from_bytes<Errand>(bytes); }
std::string bytes_of(const Report& report) { return as_bytes(report); }
std::optional<Report> report_from(std::string_view bytes) { return from_bytes<Report>(bytes); }

int work(UniqueFd channel, const operations::SessionOptions& session) {
    ::prctl(PR_SET_NAME, "patchlab-back");
    leave_signals_to_the_server();
    Desk desk(session);
    desk.warm_up();
    for (int calls = 1;; ++calls) {
        auto errand = take_over(channel.get());
        const auto what = errand ? errand_from(errand->bytes) : std::nullopt;
        if (!what || !errand->descriptor) return 0;
        Report report{what->connection, false, false};
        {
            Connection connection(std::move(errand->descriptor), most_from_caller, most_from_back);
            report.keep = desk.serve(connection, what->door);
        }
        forget_children();
        report.last = desk.worn() || calls >= most_calls;
        if (!hand_over(channel.get(), -1, bytes_of(report)) || report.last) return 0;
    }
}

}  // namespace patchlab::service
