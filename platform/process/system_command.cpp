// SPDX-License-Identifier: Apache-2.0
//
// SystemCommandRunner on posix_spawn (docs/adr/0001-posix-spawn.md says why not Boost.Process).
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/process/command.hpp"
#include "platform/process/pipe.hpp"

namespace patchlab::process {

namespace {

/// How long output of helpers that outlive their command is still waited for before they are
/// killed.
constexpr Seconds straggler_time{2};
constexpr std::size_t longest_line = 64U << 10;

[[noreturn]] void fail(const std::string& what, int number) {
    throw Error(ErrorCode::lab, what + ": " + std::strerror(number));
}

/// Moves a descriptor above the standard ones, so that wiring 0, 1 and 2 of the child cannot
/// overwrite it.
UniqueFd above_standard(UniqueFd fd) {
    if (fd.get() > STDERR_FILENO) return fd;
    UniqueFd moved(::fcntl(fd.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    if (!moved) fail("cannot duplicate a descriptor", errno);
    return moved;
}

Pipe make_output_pipe() {
    Pipe pipe = make_pipe();
    pipe.write = above_standard(std::move(pipe.write));
    ::fcntl(pipe.read.get(), F_SETFL,
            O_NONBLOCK);  // only our end: the child's must block as programs expect
    return pipe;
}

/// Input is handed over as an anonymous file: nothing has to be fed while the output is drained, so
/// nothing can deadlock.
UniqueFd make_stdin(const std::string& input) {
    if (input.empty()) return above_standard(UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)));
    UniqueFd file(::memfd_create("stdin", MFD_CLOEXEC));
    if (!file) fail("cannot create an anonymous file", errno);
    for (std::size_t done = 0; done < input.size();) {
        const ssize_t written = ::write(file.get(), input.data() + done, input.size() - done);
        if (written < 0 && errno != EINTR) fail("cannot write the input", errno);
        if (written > 0) done += static_cast<std::size_t>(written);
    }
    ::lseek(file.get(), 0, SEEK_SET);
    return above_standard(std::move(file));
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
    SpawnPlan(int in, int out, int err, const std::optional<std::filesystem::path>& folder) {
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_init(&attributes);
        int failed = ::posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
        failed |= ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
        failed |= ::posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
        failed |= ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
        if (folder) failed |= ::posix_spawn_file_actions_addchdir_np(&actions, folder->c_str());
        if (failed != 0) fail("cannot prepare a process", ENOMEM);
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

/// By number: glibc 2.36 declares pidfd_open() without C linkage, so C++ cannot link it.
UniqueFd open_pidfd(pid_t pid) {
    return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

/// A started child that leads its own session; whatever happens, its group is killed and it is
/// reaped.
class Child {
  public:
    explicit Child(pid_t pid) : pid_(pid), group_(pid), pidfd_(open_pidfd(pid)) {
        if (pidfd_) return;
        const int number = errno;
        end();
        fail("cannot watch a process", number);
    }
    ~Child() { end(); }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    int pidfd() const { return pidfd_.get(); }
    void kill_group() const { ::kill(-pid_, SIGKILL); }

    /// Kills what is left of the group and takes the leader's status. The leader is reaped last:
    /// until then nobody can get its id.
    int end() {
        if (reaped_) return status_;
        kill_group();
        while (::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
        }
        reaped_ = true;
        return status_;
    }

  private:
    pid_t pid_;
    RunningGroup group_;
    UniqueFd pidfd_;
    int status_ = 0;
    bool reaped_ = false;
};

/// One output stream: keeps what fits, drops the rest, hands lines on.
class Stream {
  public:
    Stream(UniqueFd fd, std::string& kept, const CommandSpec& spec, bool& truncated)
        : fd_(std::move(fd)), kept_(kept), spec_(spec), truncated_(truncated) {}

    int fd() const { return fd_.get(); }
    bool open() const { return static_cast<bool>(fd_); }

    void drain() {
        std::array<char, 65536> buffer;
        while (open()) {
            const ssize_t got = ::read(fd_.get(), buffer.data(), buffer.size());
            if (got > 0) take({buffer.data(), static_cast<std::size_t>(got)});
            else if (got < 0 && errno == EINTR) continue;
            else if (got < 0 && errno == EAGAIN) return;
            else close();
        }
    }
    void close() {
        if (!line_.empty()) flush_line();
        fd_.reset();
    }

  private:
    void take(std::string_view bytes) {
        const std::size_t room = spec_.max_output - std::min(spec_.max_output, kept_.size());
        if (bytes.size() > room) truncated_ = true;
        kept_.append(bytes.substr(0, room));
        if (!spec_.on_output_line) return;
        for (const char c : bytes) {
            if (c == '\n' || c == '\r') {  // progress bars end their lines with a carriage return
                if (!line_.empty() || c == '\n') flush_line();
            } else if (line_.size() < longest_line) {
                line_ += c;
            }
        }
    }
    void flush_line() {
        const std::string line = std::exchange(line_, {});
        if (spec_.on_output_line) spec_.on_output_line(line);
    }

    UniqueFd fd_;
    std::string& kept_;
    const CommandSpec& spec_;
    bool& truncated_;
    std::string line_;
};

/// Waits until the child has ended and both streams are at their end, or the deadline passes.
void supervise(const Child& child, Stream& out, Stream& err, Seconds deadline,
               CommandResult& result) {
    Deadline end(deadline);
    bool exited = false;
    while (!exited || out.open() || err.open()) {
        std::array<pollfd, 3> watched{{{exited ? -1 : child.pidfd(), POLLIN, 0},
                                       {out.open() ? out.fd() : -1, POLLIN, 0},
                                       {err.open() ? err.fd() : -1, POLLIN, 0}}};
        const auto left = std::min<std::int64_t>(end.left().count(), 3'600'000);
        const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(left));
        if (ready < 0 && errno != EINTR) fail("cannot wait for a process", errno);
        out.drain();
        err.drain();
        if (!exited && (watched[0].revents & POLLIN)) {
            exited = true;
            if (end.left() > straggler_time) end = Deadline(straggler_time);
        }
        if (!end.passed()) continue;
        if (!exited) result.timed_out = true;
        child.kill_group();
        break;
    }
}

pid_t spawn(const CommandSpec& spec, const std::filesystem::path& program, int in, int out,
            int err) {
    std::vector<std::string> words{spec.program};
    words.insert(words.end(), spec.args.begin(), spec.args.end());
    std::vector<std::string> environment = make_environment(spec.environment);
    const std::vector<char*> argv = pointers(words);
    const std::vector<char*> envp = pointers(environment);
    const SpawnPlan plan(in, out, err, spec.folder);
    pid_t pid = -1;
    const int failed = ::posix_spawn(&pid, program.c_str(), &plan.actions, &plan.attributes,
                                     argv.data(), envp.data());
    if (failed != 0) fail("cannot start " + program.string(), failed);
    return pid;
}

CommandResult run_now(const CommandSpec& spec) {
    const auto program = find_program(spec.program);
    if (!program)
        throw Error(ErrorCode::lab, "there is no program '" + spec.program + "' on this host",
                    package_advice(std::filesystem::path(spec.program).filename().string()));
    UniqueFd in = make_stdin(spec.input);
    if (!in) fail("cannot open /dev/null", errno);
    Pipe out = make_output_pipe();
    Pipe err = make_output_pipe();

    CommandResult result;
    const Stopwatch watch;
    Child child(spawn(spec, *program, in.get(), out.write.get(), err.write.get()));
    in.reset();
    out.write.reset();
    err.write.reset();
    Stream out_stream(std::move(out.read), result.out, spec, result.truncated);
    Stream err_stream(std::move(err.read), result.err, spec, result.truncated);
    supervise(child, out_stream, err_stream, spec.deadline, result);
    const int status = child.end();
    out_stream.drain();
    err_stream.drain();
    out_stream.close();
    err_stream.close();

    result.seconds = watch.seconds();
    if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
    else if (!result.timed_out) result.exit_code = WEXITSTATUS(status);
    return result;
}

}  // namespace

CommandResult SystemCommandRunner::run(const CommandSpec& spec) {
    return during(spec.purpose.empty() ? "running " + spec.program : spec.purpose,
                  [&] { return run_now(spec); });
}

}  // namespace patchlab::process
