// SPDX-License-Identifier: Apache-2.0
#include "platform/guest/agent_channel.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <thread>

#include "channel_scripts.hpp"
#include "platform/guest/agent_connection.hpp"
#include "platform/guest/bell.hpp"

namespace patchlab::guest {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds heard_pause(1000);  // between questions to a guest that rings

constexpr const char* setarch = "/usr/bin/setarch";

GuestCommand at_same_addresses(GuestCommand command) {
    const std::string words[] = {setarch, "-R"};
    command.argv.insert(command.argv.begin(), std::begin(words), std::end(words));
    return command;
}

/// Said by setarch itself (or by the loader about it), which it does only as long as it has not
/// become the command.
bool never_became_the_command(const GuestResult& result) {
    return result.exit_code > 0 && (result.err.starts_with("setarch: ") ||
                                    result.err.starts_with(std::string(setarch) + ": "));
}

class AgentChannel final : public GuestChannel {
  public:
    AgentChannel(const std::filesystem::path& socket, const AgentOptions& options)
        : connection_(socket), options_(options) {
        if (options.bell) bell_.emplace(*options.bell);
    }

    void wait_until_ready(Seconds time) override {
        const Deadline deadline(time);
        milliseconds pause(5);
        while (!deadline.passed()) {
            try {
                // A new request each second: the first ones may fall into the gap while the guest
                // boots or was restored.
                if (connection_.connect() &&
                    connection_.synchronise(std::min<Seconds>(Seconds(1), deadline.left())))
                    return;
            } catch (const ChannelLost&) {
                // QEMU closes the socket when the machine goes away and may open it again; the
                // deadline decides
            }
            if (!connection_.connected())
                std::this_thread::sleep_for(std::min(pause, deadline.left()));
            pause = std::min(pause * 2, milliseconds(100));
        }
        connection_.disconnect();
        throw ChannelLost("the guest agent did not answer within " +
                          std::to_string(std::lround(time.count())) + " seconds");
    }

    GuestResult run(const GuestCommand& command) override {
        return bell_ && bell_->listen() ? execute(ringing(command)) : execute(command);
    }

    void freeze() override {
        require("guest-fsfreeze-freeze", nullptr, "freeze the guest's filesystems");
    }
    void thaw() override {
        require("guest-fsfreeze-thaw", nullptr, "thaw the guest's filesystems");
    }

    void set_time(TimePoint now) override {
        const auto since_1970 =
            std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()).count();
        char text[40];
        std::snprintf(text, sizeof text, "@%lld.%09lld",
                      static_cast<long long>(since_1970 / 1'000'000'000),
                      static_cast<long long>(since_1970 % 1'000'000'000));
        GuestCommand date;
        date.argv = {"/bin/date", "-u", "-s", text};
        date.deadline = options_.silence;
        const GuestResult result = run(date);
        if (result.ok()) return;
        // Not first: the agent also writes the hardware clock, which waits for its next full
        // second.
        const AgentAnswer answer = ask("guest-set-time", {{"time", since_1970}});
        if (answer.failed)
            throw Error(ErrorCode::lab, "cannot set the guest's clock: " +
                                            result.err.substr(0, 200) + "; " + answer.error_text);
    }

  private:
    GuestResult execute(const GuestCommand& command) {
        const Deadline deadline(command.deadline);
        if (options_.same_addresses) {
            const AgentAnswer started =
                ask("guest-exec", exec_arguments(at_same_addresses(command)));
            if (!started.failed) {
                GuestResult result = end_of(parse_exec_pid(started), deadline, command.max_output);
                if (!never_became_the_command(result)) return result;
            }
            options_.same_addresses = false;  // a guest that cannot, or cannot any more
        }
        const AgentAnswer started = ask("guest-exec", exec_arguments(command));
        if (started.failed) {  // no such program: a failing command, not a failing channel
            GuestResult result;
            result.exit_code = 127;
            result.err = started.error_text;
            return result;
        }
        return end_of(parse_exec_pid(started), deadline, command.max_output);
    }

    AgentAnswer ask(std::string_view command, const Json& arguments) {
        if (!connection_.connected()) wait_until_ready(options_.silence);
        return connection_.request(command, arguments, options_.silence, options_.doubt);
    }

    void require(std::string_view command, const Json& arguments, const std::string& what) {
        const AgentAnswer answer = ask(command, arguments);
        if (answer.failed) throw Error(ErrorCode::lab, "cannot " + what + ": " + answer.error_text);
    }

    /// What became of a command; one that is still running at the deadline is killed.
    GuestResult end_of(std::int64_t pid, const Deadline& deadline, std::size_t max_output) {
        if (auto status = wait_for_exit(pid, deadline, max_output))
            return std::move(status->result);
        return kill_overdue(pid, max_output);
    }

    /// Asks until the command has ended; nullopt at the deadline. A guest that is known to ring is
    /// asked when it does, and now and then.
    std::optional<ExecStatus> wait_for_exit(std::int64_t pid, const Deadline& deadline,
                                            std::size_t max_output) {
        milliseconds pause(5);
        bool rang = heard_ && bell_->wait(std::min(heard_pause, deadline.left()));
        for (;;) {
            const AgentAnswer answer = ask("guest-exec-status", {{"pid", pid}});
            if (answer.failed)
                throw ChannelLost("the guest agent was restarted while a command ran: " +
                                  answer.error_text);
            ExecStatus status = parse_exec_status(answer, max_output);
            if (status.exited) {
                heard_ = rang;
                return status;
            }
            if (deadline.passed()) return std::nullopt;
            // once is enough: a guest that rings on and on must not keep us busy
            if (bell_ && !rang)
                rang = bell_->wait(std::min(heard_ ? heard_pause : pause, deadline.left()));
            else std::this_thread::sleep_for(std::min(pause, deadline.left()));
            pause = std::min(pause * 3 / 2, milliseconds(100));
        }
    }

    /// Kills what overran and keeps what it had said; what cannot be killed (uninterruptible) is
    /// left running.
    GuestResult kill_overdue(std::int64_t pid, std::size_t max_output) {
        GuestCommand killer;
        killer.argv =
            shell_words(embedded::channel_scripts::file("kill_tree.sh"), {std::to_string(pid)});
        heard_ = false;  // neither of the two rings
        const AgentAnswer started = ask("guest-exec", exec_arguments(killer));
        if (!started.failed) wait_for_exit(parse_exec_pid(started), Deadline(Seconds(5)), 1024);
        auto status = wait_for_exit(pid, Deadline(Seconds(2)), max_output);
        GuestResult result = status ? std::move(status->result) : GuestResult{};
        result.exit_code = -1;
        result.timed_out = true;
        return result;
    }

    AgentConnection connection_;
    AgentOptions options_;
    std::optional<Bell> bell_;
    bool heard_ = false;  ///< the last command rang, so the next one is expected to
};

}  // namespace

std::unique_ptr<GuestChannel> open_agent(const std::filesystem::path& socket,
                                         const AgentOptions& options) {
    return std::make_unique<AgentChannel>(socket, options);
}

}  // namespace patchlab::guest
