// SPDX-License-Identifier: Apache-2.0
#include "platform/process/feed.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "platform/core/files.hpp"
#include "platform/process/pipe.hpp"

extern "C" char** environ;

namespace patchlab::process {

namespace {

/// Ctrl-C is the pager's while it runs.
class IgnoredInterrupt {
  public:
    IgnoredInterrupt() {
        struct sigaction ignore {};
        ignore.sa_handler = SIG_IGN;
        ::sigaction(SIGINT, &ignore, &before_);
    }
    ~IgnoredInterrupt() { ::sigaction(SIGINT, &before_, nullptr); }
    IgnoredInterrupt(const IgnoredInterrupt&) = delete;
    IgnoredInterrupt& operator=(const IgnoredInterrupt&) = delete;

  private:
    struct sigaction before_ {};
};

std::vector<char*> environment_with(const std::string& variable) {
    std::vector<char*> all;
    for (char** one = environ; *one != nullptr; ++one) all.push_back(*one);
    if (!variable.empty()) all.push_back(const_cast<char*>(variable.c_str()));
    all.push_back(nullptr);
    return all;
}

/// -1: it could not be started.
pid_t start(const std::vector<std::string>& command, int stdin_fd, const std::string& variable) {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, stdin_fd, STDIN_FILENO);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t defaults;
    ::sigemptyset(&defaults);
    ::sigaddset(&defaults, SIGINT);
    ::sigaddset(&defaults, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes, &defaults);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    std::vector<char*> words;
    for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    const std::vector<char*> environment = environment_with(variable);
    pid_t pid = -1;
    if (::posix_spawnp(&pid, words.front(), &actions, &attributes, words.data(),
                       environment.data()) != 0)
        pid = -1;
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    return pid;
}

}  // namespace

bool feed_program(const std::vector<std::string>& command, std::string_view text,
                  const std::string& variable) {
    Pipe pipe = make_pipe();
    const IgnoredInterrupt ours;
    const pid_t pid = start(command, pipe.read.get(), variable);
    pipe.read.reset();
    if (pid < 0) return false;
    write_whole(pipe.write.get(), text);  // what a reader does not want is not written
    pipe.write.reset();
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return true;
}

}  // namespace patchlab::process
