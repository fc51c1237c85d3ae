// SPDX-License-Identifier: Apache-2.0
#include "platform/process/partner.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include "platform/core/clock.hpp"
#include "platform/core/error.hpp"
#include "platform/process/command.hpp"

extern char** environ;

namespace patchlab::process {

namespace {

constexpr Seconds patience_with_partner{2};

struct PartnerActions {
    PartnerActions() { ::posix_spawn_file_actions_init(&actions); }
    ~PartnerActions() { ::posix_spawn_file_actions_destroy(&actions); }
    PartnerActions(const PartnerActions&) = delete;
    PartnerActions& operator=(const PartnerActions&) = delete;
    posix_spawn_file_actions_t actions{};
};

[[noreturn]] void fail_to_start(const std::string& what, int why) {
    throw Error(ErrorCode::lab, "cannot start " + what + ": " + std::strerror(why));
}

}  // namespace

Partner Partner::spawn(const std::string& file, const std::vector<std::string>& words,
                       const std::string& what) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        fail_to_start(what, errno);
    UniqueFd ours(ends[0]);
    const UniqueFd theirs(ends[1]);
    PartnerActions files;
    int failed = ::posix_spawn_file_actions_adddup2(&files.actions, theirs.get(), 0);
    if (failed == 0) failed = ::posix_spawn_file_actions_adddup2(&files.actions, theirs.get(), 1);
    if (failed != 0) fail_to_start(what, failed);
    std::vector<std::string> own(words);
    std::vector<char*> argv;
    for (std::string& word : own) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_t pid = 0;
    failed = ::posix_spawn(&pid, file.c_str(), &files.actions, nullptr, argv.data(), environ);
    if (failed != 0) fail_to_start(what, failed);
    return Partner(std::move(ours), pid);
}

Partner Partner::start(const std::vector<std::string>& command, const std::string& what) {
    const auto program = find_program(command.at(0));
    if (!program)
        throw Error(ErrorCode::lab, "cannot start " + what + ": there is no program " + command[0],
                    package_advice(command[0]));
    return spawn(program->string(), command, what);
}

Partner Partner::start_ourselves(const std::vector<std::string>& arguments,
                                 const std::string& what) {
    std::vector<std::string> words{"patchlab"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return spawn("/proc/self/exe", words, what);
}

Partner::Partner(Partner&& other) noexcept
    : socket_(std::move(other.socket_)), pid_(std::exchange(other.pid_, -1)) {}

Partner::~Partner() {
    socket_.reset();
    if (pid_ <= 0) return;
    for (const Deadline end(patience_with_partner);;) {
        const pid_t ended = ::waitpid(pid_, nullptr, WNOHANG);
        if (ended == pid_ || (ended < 0 && errno != EINTR)) return;
        if (end.passed()) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

}  // namespace patchlab::process
