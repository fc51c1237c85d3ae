// SPDX-License-Identifier: Apache-2.0
#include "platform/process/identity.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <sstream>

#include "platform/core/error.hpp"

namespace patchlab::process {

namespace {

struct ProcessStat {
    char state = '?';
    std::uint64_t started = 0;
};

/// What /proc/PID/stat says; nullopt when there is no such process.
std::optional<ProcessStat> stat_of(std::int64_t pid) {
    std::optional<std::string> text;
    try {
        text = read_file_if_any("/proc/" + std::to_string(pid) + "/stat", 1U << 16);
    } catch (const Error&) {
        return std::nullopt;  // it ended while we read
    }
    if (!text) return std::nullopt;
    // the second field is the program's name in parentheses, which may hold blanks and parentheses
    const auto name_end = text->rfind(')');
    if (name_end == std::string::npos) return std::nullopt;
    std::istringstream fields(text->substr(name_end + 1));
    ProcessStat stat;
    fields >> stat.state;
    std::string skipped;
    for (int field = 4; field < 22; ++field) fields >> skipped;
    if (!(fields >> stat.started)) return std::nullopt;
    return stat;
}

std::string link_target(const char* path) {
    std::array<char, 256> target{};
    const ssize_t length = ::readlink(path, target.data(), target.size() - 1);
    return length > 0 ? std::string(target.data(), static_cast<std::size_t>(length))
                      : std::string();
}

std::string first_line(const fs::path& file) {
    const std::string text = read_file(file, 4096);
    return text.substr(0, text.find('\n'));
}

std::string host_name() {
    std::array<char, 256> name{};
    ::gethostname(name.data(), name.size() - 1);
    return name.data();
}

}  // namespace

ProcessIdentity this_process() {
    ProcessIdentity self;
    self.host = host_name();
    self.boot = first_line("/proc/sys/kernel/random/boot_id");
    self.pid_namespace = link_target("/proc/self/ns/pid");
    self.pid = ::getpid();
    const auto stat = stat_of(self.pid);
    if (!stat) throw Error(ErrorCode::lab, "cannot read /proc/" + std::to_string(self.pid));
    self.started = stat->started;
    return self;
}

bool is_visible(const ProcessIdentity& process) {
    return !process.boot.empty() && process.boot == first_line("/proc/sys/kernel/random/boot_id") &&
           process.pid_namespace == link_target("/proc/self/ns/pid");
}

UniqueFd open_process(const ProcessIdentity& process) {
    if (process.pid <= 0 || !is_visible(process)) return {};
    UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(process.pid), 0)));
    if (!fd) {
        if (errno == ESRCH || errno == EINVAL) return {};
        throw Error(ErrorCode::lab, "cannot look at process " + std::to_string(process.pid) + ": " +
                                        std::strerror(errno));
    }
    // read after the descriptor was opened: from then on the number cannot be given away unnoticed
    const auto stat = stat_of(process.pid);
    const bool ended = !stat || stat->state == 'Z' || stat->state == 'X';
    if (ended || stat->started != process.started) return {};
    return fd;
}

std::optional<ProcessIdentity> process_with(std::int64_t pid) {
    const auto stat = stat_of(pid);
    if (!stat || stat->state == 'Z' || stat->state == 'X') return std::nullopt;
    ProcessIdentity found = this_process();
    found.pid = pid;
    found.started = stat->started;
    return found;
}

bool signal_process(const ProcessIdentity& process, int signal) {
    const UniqueFd fd = open_process(process);
    return fd && ::syscall(SYS_pidfd_send_signal, fd.get(), signal, nullptr, 0) == 0;
}

}  // namespace patchlab::process
