// SPDX-License-Identifier: Apache-2.0
#include "platform/process/detached.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <thread>

#include "platform/core/error.hpp"

extern char** environ;

namespace patchlab::process {

namespace {

/// What posix_spawn is told of the new process.
class Terms {
  public:
    Terms(const std::filesystem::path& log, const std::string& what) {
        ::posix_spawn_file_actions_init(&files);
        ::posix_spawnattr_init(&attributes);
        int failed = ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
        failed |= ::posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
        failed |= ::posix_spawn_file_actions_addopen(&files, 1, log.c_str(),
                                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
        failed |= ::posix_spawn_file_actions_adddup2(&files, 1, 2);
        if (failed) {
            end();
            throw Error(ErrorCode::lab, "cannot start " + what + ": out of memory");
        }
    }
    ~Terms() { end(); }
    Terms(const Terms&) = delete;
    Terms& operator=(const Terms&) = delete;

    posix_spawn_file_actions_t files{};
    posix_spawnattr_t attributes{};

  private:
    void end() {
        ::posix_spawn_file_actions_destroy(&files);
        ::posix_spawnattr_destroy(&attributes);
    }
};

/// The path of this program; where its file was replaced since it started, the path of the new one.
std::string own_path() {
    constexpr std::string_view replaced = " (deleted)";  // which the kernel puts behind it
    std::string path = std::filesystem::read_symlink("/proc/self/exe").string();
    if (path.ends_with(replaced)) path.resize(path.size() - replaced.size());
    return path;
}

}  // namespace

pid_t start_detached(std::vector<std::string> args, const std::filesystem::path& log,
                     const std::string& what) {
    args.insert(args.begin(), own_path());
    std::vector<char*> argv;
    for (std::string& word : args) argv.push_back(word.data());
    argv.push_back(nullptr);
    const Terms terms(log, what);
    pid_t pid = 0;
    // not by its path: an upgrade may have put another version there, or nothing yet
    const int failed = ::posix_spawn(&pid, "/proc/self/exe", &terms.files, &terms.attributes,
                                     argv.data(), environ);
    if (failed) throw Error(ErrorCode::lab, "cannot start " + what + ": " + std::strerror(failed));
    return pid;
}

void start_detached_until(const std::function<bool()>& ready, std::vector<std::string> args,
                          const std::filesystem::path& log, const std::string& what) {
    const pid_t pid = start_detached(std::move(args), log, what);
    while (!ready() && ::waitpid(pid, nullptr, WNOHANG) == 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

}  // namespace patchlab::process
