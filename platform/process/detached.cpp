// SPDX-License-Identifier: Apache-2.0
#include "platform/process/detached.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <cstring>

#include "platform/core/error.hpp"

extern char** environ;

namespace patchlab::process {

pid_t start_detached(std::vector<std::string> args, const std::filesystem::path& log,
                     const std::string& what) {
    const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
    args.insert(args.begin(), self);
    std::vector<char*> argv;
    for (std::string& word : args) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    pid_t pid = 0;
    const int failed = ::posix_spawn(&pid, self.c_str(), &files, &attributes, argv.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (failed) throw Error(ErrorCode::lab, "cannot start " + what + ": " + std::strerror(failed));
    return pid;
}

}  // namespace patchlab::process
