// SPDX-License-Identifier: Apache-2.0
#include "platform/process/processor_time.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

namespace patchlab::process {

namespace {

constexpr int steps = 10;
constexpr int least_nice = -20;
constexpr const char* group_file = "autogroup";

// Where the kernel weighs sessions against each other as groups (sched(7), autogroup), the niceness
// of a thread counts only within its session. "/autogroup-71 nice 0"
int niceness_of_group(int process) {
    const UniqueFd file(::openat(process, group_file, O_RDONLY | O_CLOEXEC));
    char text[100];
    const ssize_t count = file ? ::read(file.get(), text, sizeof text) : 0;
    const std::string_view line(text, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    const std::size_t blank = line.rfind(' ');
    int nice = 0;
    if (blank != std::string_view::npos)
        std::from_chars(line.data() + blank + 1, line.data() + line.size(), nice);
    return nice;
}

void set_group(int process, int nice) {
    const UniqueFd file(::openat(process, group_file, O_WRONLY | O_CLOEXEC));
    const std::string text = std::to_string(nice);
    if (file && ::write(file.get(), text.data(), text.size()) < 0)
        return;  // not ours to set: it stays as it was
}

void set_threads(int process, int nice) {
    UniqueFd folder(::openat(process, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const std::unique_ptr<DIR, int (*)(DIR*)> threads(folder ? ::fdopendir(folder.get()) : nullptr,
                                                      ::closedir);
    if (!threads) return;
    static_cast<void>(folder.release());  // closed with the stream
    while (const dirent* entry = ::readdir(threads.get())) {
        const std::string_view name(entry->d_name);
        id_t thread = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), thread).ec == std::errc{})
            ::setpriority(PRIO_PROCESS, thread, nice);
    }
}

void set(int process, int nice, int group) {
    set_group(process, group);
    set_threads(process, nice);
}

}  // namespace

ScopedPriority::ScopedPriority(const std::vector<pid_t>& pids) {
    for (const pid_t pid : pids) {
        Process process{UniqueFd(
            ::open(("/proc/" + std::to_string(pid)).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))};
        if (!process.folder) continue;
        process.nice = ::getpriority(PRIO_PROCESS, static_cast<id_t>(pid));
        process.group = niceness_of_group(process.folder.get());
        set(process.folder.get(), std::max(least_nice, process.nice - steps),
            std::max(least_nice, process.group - steps));
        processes_.push_back(std::move(process));
    }
}

ScopedPriority::~ScopedPriority() {
    for (const Process& process : processes_)
        set(process.folder.get(), process.nice, process.group);
}

std::optional<double> cpu_seconds(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    if (!std::getline(file, text)) return std::nullopt;
    // The second field is the program's name in parentheses, and may hold blanks and parentheses
    // itself.
    const auto close = text.rfind(')');
    if (close == std::string::npos) return std::nullopt;
    std::istringstream fields(text.substr(close + 1));
    std::string skipped;
    for (int field = 3; field < 14; ++field) fields >> skipped;
    double user = 0, system = 0;
    if (!(fields >> user >> system)) return std::nullopt;
    return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

Usage own_usage() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return {seconds(used.ru_utime) + seconds(used.ru_stime),
            static_cast<std::uint64_t>(used.ru_maxrss)};
}

}  // namespace patchlab::process
