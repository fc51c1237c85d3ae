// SPDX-License-Identifier: Apache-2.0
#include "platform/process/launcher.hpp"

#include <spawn.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "platform/core/error.hpp"

namespace patchlab::process {

namespace {

[[noreturn]] void cannot(const std::string& what, int number) {
    throw Error(ErrorCode::lab, what + ": " + std::strerror(number));
}

std::vector<std::string> make_environment(const std::map<std::string, std::string>& added) {
    std::vector<std::string> out;
    for (char** entry = environ; entry && *entry; ++entry) {
        const std::string_view text = *entry;
        if (!added.contains(std::string(text.substr(0, text.find('='))))) out.emplace_back(text);
    }
    for (const auto& [name, value] : added) out.push_back(name + "=" + value);
    return out;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> out;
    for (std::string& text : strings) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

/// Owns posix_spawn's two argument objects.
class SpawnPlan {
  public:
    SpawnPlan(const StandardFds& standard, const std::optional<std::filesystem::path>& folder) {
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_init(&attributes);
        int failed = ::posix_spawn_file_actions_adddup2(&actions, standard.in, STDIN_FILENO);
        failed |= ::posix_spawn_file_actions_adddup2(&actions, standard.out, STDOUT_FILENO);
        failed |= ::posix_spawn_file_actions_adddup2(&actions, standard.err, STDERR_FILENO);
        failed |= ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
        if (folder) failed |= ::posix_spawn_file_actions_addchdir_np(&actions, folder->c_str());
        if (failed != 0) cannot("cannot prepare a process", ENOMEM);
        // our process may ignore or block signals; a tool must start as it would from a shell
        sigset_t all;
        sigset_t none;
        ::sigfillset(&all);
        ::sigemptyset(&none);
        ::posix_spawnattr_setsigdefault(&attributes, &all);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::posix_spawnattr_setflags(
            &attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    }
    ~SpawnPlan() {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;

    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};
};

}  // namespace

pid_t launch(const CommandSpec& spec, const std::filesystem::path& program,
             const StandardFds& standard) {
    std::vector<std::string> words{spec.program};
    words.insert(words.end(), spec.args.begin(), spec.args.end());
    std::vector<std::string> environment = make_environment(spec.environment);
    const std::vector<char*> argv = pointers(words);
    const std::vector<char*> envp = pointers(environment);
    const SpawnPlan plan(standard, spec.folder);
    pid_t pid = -1;
    const int failed = ::posix_spawn(&pid, program.c_str(), &plan.actions, &plan.attributes,
                                     argv.data(), envp.data());
    if (failed != 0) cannot("cannot start " + program.string(), failed);
    return pid;
}

}  // namespace patchlab::process
