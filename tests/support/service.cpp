// SPDX-License-Identifier: Apache-2.0
#include "tests/support/service.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <sstream>
#include <thread>

#include "platform/core/error.hpp"
#include "platform/http/server.hpp"

extern char** environ;

namespace patchlab::tests {

namespace {

constexpr const char* shared_group = "nogroup";

pid_t start(std::vector<std::string> words, std::map<std::string, std::string> environment,
            const fs::path& log) {
    for (char** one = environ; *one != nullptr; ++one) {
        const std::string text = *one;
        environment.emplace(text.substr(0, text.find('=')), text.substr(text.find('=') + 1));
    }
    std::vector<std::string> variables;
    for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
    std::vector<char*> argv, envp;
    for (std::string& word : words) argv.push_back(word.data());
    for (std::string& one : variables) envp.push_back(one.data());
    argv.push_back(nullptr);
    envp.push_back(nullptr);
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&files, 2, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::posix_spawn_file_actions_adddup2(&files, 2, 1);
    pid_t pid = 0;
    EXPECT_EQ(::posix_spawn(&pid, argv.front(), &files, nullptr, argv.data(), envp.data()), 0);
    ::posix_spawn_file_actions_destroy(&files);
    return pid;
}

}  // namespace

std::uint16_t free_port() { return http::port_of(http::listen_tcp("127.0.0.1:0")); }

RunningService::RunningService(const PlayedLab& lab,
                               const std::map<std::string, std::string>& environment,
                               const std::vector<std::string>& more)
    : folder_(fs::temp_directory_path(), "service"), socket_(folder_.path() / "back.sock") {
    ::chmod(folder_.path().c_str(), 0755);  // other accounts connect
    std::map<std::string, std::string> variables = environment;
    variables["PATCHLAB_FAKE_SCRIPT"] = (lab.state().parent_path() / "script.json").string();
    const fs::path log = folder_.path() / "log";
    std::vector<std::string> words{PATCHLAB_SIM, "--state",       lab.state().string(),
                                   "serve",      "--back-socket", socket_.string()};
    if (::geteuid() == 0) words.insert(words.end(), {"--group", shared_group});
    words.insert(words.end(), more.begin(), more.end());
    pid_ = start(words, variables, log);
    for (int tries = 0; tries < 300; ++tries) {
        if (fs::exists(log) && read_file(log).find("serves at") != std::string::npos) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    ADD_FAILURE() << "the service does not answer: " << (fs::exists(log) ? read_file(log) : "");
}

RunningService::~RunningService() {
    if (pid_ == 0) return;
    send(SIGTERM);
    wait();
}

namespace {

std::vector<pid_t> children_of(pid_t parent) {
    const std::string task = std::to_string(parent);
    std::vector<pid_t> found;
    try {
        std::istringstream children(read_file("/proc/" + task + "/task/" + task + "/children"));
        for (pid_t pid = 0; children >> pid;) found.push_back(pid);
    } catch (const Error&) {  // it has ended meanwhile
    }
    return found;
}

/// It may call only what a filter permits: of this service, the front alone.
bool is_confined(pid_t process) {
    try {
        const std::string status = read_file("/proc/" + std::to_string(process) + "/status");
        return status.find("Seccomp:\t2") != std::string::npos;
    } catch (const Error&) {
        return false;
    }
}

}  // namespace

std::vector<pid_t> RunningService::workers() const { return children_of(pid_); }

pid_t RunningService::front() const {
    for (const pid_t child : children_of(pid_))
        for (const pid_t one : children_of(child))
            if (is_confined(one)) return one;
    return 0;
}

void RunningService::send(int signal) const { ::kill(pid_, signal); }

int RunningService::wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

process::CommandResult RunningService::ask(const std::vector<std::string>& words,
                                           const std::map<std::string, std::string>& environment,
                                           uid_t account, const fs::path& folder) const {
    process::CommandSpec command;
    command.program = PATCHLAB_SIM;
    if (account != 0) {
        command.program = "setpriv";
        command.args = {"--reuid",    std::to_string(account), "--regid",
                        shared_group, "--clear-groups",        "--",
                        PATCHLAB_SIM};
    }
    command.args.insert(command.args.end(), {"--server", address()});
    command.args.insert(command.args.end(), words.begin(), words.end());
    command.environment = environment;
    if (account != 0) command.environment.emplace("HOME", "/nowhere");
    command.purpose = "asking the service";
    command.deadline = Seconds(60);
    command.folder = folder;
    return process::SystemCommandRunner().run(command);
}

}  // namespace patchlab::tests
