// SPDX-License-Identifier: Apache-2.0
//
// Four processes: caller → keeper → first → body
//   keeper  stays in the caller's PID namespace; dies with the caller, and takes first along
//   first   pid 1 of the cell; reaps what is orphaned in it (QEMU daemonizes); when it ends, the
//           kernel kills the whole cell
//   body    an ordinary process, so that signals and waits work in it as everywhere
#include "platform/process/cell.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <optional>
#include <utility>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/process/pipe.hpp"

namespace patchlab::process {

namespace {

using Body = std::function<int(bool)>;

/// A socket instead of a pipe: it can be written without SIGPIPE when the other side has died.
Pipe make_socket_pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        throw Error(ErrorCode::lab, std::string("cannot create a socket: ") + std::strerror(errno));
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

/// What the processes of a cell tell the caller; small enough that a pipe writes it whole.
struct Note {
    enum class Kind : int { first_pid, setup_failed, ended };
    Kind kind{};
    int a = 0;  ///< the pid, the errno, or the exit code
    int b = 0;  ///< the signal
    std::array<char, 48> what{};
};

void tell(const UniqueFd& notes, Note::Kind kind, int a, int b = 0, const char* what = "") {
    Note note{kind, a, b, {}};
    std::snprintf(note.what.data(), note.what.size(), "%s", what);
    if (::write(notes.get(), &note, sizeof note) < 0)
        ::_exit(126);  // the caller is gone, and so must we be
}

bool receive(const UniqueFd& notes, Note& note) {
    for (;;) {
        const ssize_t got = ::read(notes.get(), &note, sizeof note);
        if (got < 0 && errno == EINTR) continue;
        return got == static_cast<ssize_t>(sizeof note);
    }
}

volatile sig_atomic_t forward_to = 0;

void forward(int signal) {
    if (forward_to > 0) ::kill(static_cast<pid_t>(forward_to), signal);
}

void forward_signals() {
    struct sigaction action {};
    action.sa_handler = forward;
    ::sigaction(SIGTERM, &action, nullptr);
    ::sigaction(SIGINT, &action, nullptr);
}

void restore_signals() {
    std::signal(SIGTERM, SIG_DFL);
    std::signal(SIGINT, SIG_DFL);
}

[[noreturn]] void run_body(const Body& body, bool isolated) noexcept {
    const int code =
        body(isolated);  // an exception must not unwind into the caller's frames: noexcept aborts
    std::cout.flush();
    std::fflush(nullptr);
    ::_exit(code & 0xff);
}

CellStatus status_of(int status) {
    if (WIFSIGNALED(status)) return {-1, WTERMSIG(status)};
    return {WEXITSTATUS(status), 0};
}

int wait_for(pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

/// Dies now if the parent has died before the death signal was set.
void die_with_parent(pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(126);
}

struct Channels {
    Pipe notes;  ///< to the caller
    Pipe go;     ///< from the caller: it watches the first process now
};

[[noreturn]] void first_process(Channels& channels, const CellOptions& options, const Body& body,
                                UniqueFd keeper_alive) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    // the parent is outside this namespace, so getppid() tells nothing; the keeper's end of a pipe
    // does
    pollfd alive{keeper_alive.get(), POLLIN, 0};
    if (::poll(&alive, 1, 0) != 0) ::_exit(126);
    char byte = 0;
    if (::read(channels.go.read.get(), &byte, 1) != 1) ::_exit(126);

    const auto give_up = [&](const char* what, int number) {
        tell(channels.notes.write, Note::Kind::setup_failed, number, 0, what);
        ::_exit(126);
    };
    if (::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0)
        give_up("mounting /proc", errno);
    if (options.private_network)
        if (const int number = bring_loopback_up())
            give_up("bringing up the loopback device", number);

    const pid_t child = ::fork();
    if (child < 0) give_up("starting its process", errno);
    if (child == 0) {
        channels.notes.write.reset();
        channels.go.read.reset();
        keeper_alive.reset();
        restore_signals();
        run_body(body, true);
    }
    forward_to = child;
    forward_signals();
    for (;;) {
        int status = 0;
        const pid_t ended = ::waitpid(-1, &status, 0);
        if (ended == child) {
            const CellStatus found = status_of(status);
            tell(channels.notes.write, Note::Kind::ended, found.exit_code, found.signal);
            ::_exit(0);
        }
    }
}

[[noreturn]] void keeper_process(Channels& channels, const CellOptions& options, const Body& body,
                                 pid_t caller) {
    die_with_parent(caller);
    channels.notes.read.reset();
    channels.go.write.reset();
    if (options.new_session) ::setsid();
    const auto give_up = [&](const char* what, int number) {
        tell(channels.notes.write, Note::Kind::setup_failed, number, 0, what);
        ::_exit(126);
    };
    if (::unshare(CLONE_NEWNS | CLONE_NEWPID | (options.private_network ? CLONE_NEWNET : 0)) != 0)
        give_up("creating its namespaces", errno);
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        give_up("making its mounts private", errno);

    std::array<int, 2> life{};
    if (::pipe2(life.data(), O_CLOEXEC) != 0) give_up("creating a pipe", errno);
    UniqueFd life_read(life[0]);
    UniqueFd life_write(life[1]);
    const pid_t first = ::fork();
    if (first < 0) give_up("starting its first process", errno);
    if (first == 0) {
        life_write.reset();
        first_process(channels, options, body, std::move(life_read));
    }
    forward_to = first;
    forward_signals();
    tell(channels.notes.write, Note::Kind::first_pid, first);
    channels.go.read.reset();
    if (const CellStatus found = status_of(wait_for(first)); found.signal != 0)
        tell(channels.notes.write, Note::Kind::ended, -1, found.signal);
    ::_exit(0);
}

void flush_all() {
    std::cout.flush();
    std::cerr.flush();
    std::fflush(nullptr);  // or each child would write our buffered text again
}

/// Waits until the process is gone, namespace and all; the kernel reports pid 1 only after every
/// other process of it is dead.
void wait_until_gone(const UniqueFd& pidfd) {
    pollfd watched{pidfd.get(), POLLIN, 0};
    while (pidfd && ::poll(&watched, 1, -1) < 0 && errno == EINTR) {
    }
}

CellStatus run_isolated(const CellOptions& options, const Body& body) {
    Channels channels{make_pipe(), make_socket_pair()};
    flush_all();
    const pid_t caller = ::getpid();
    const pid_t keeper = ::fork();
    if (keeper < 0)
        throw Error(ErrorCode::lab, std::string("cannot start a process: ") + std::strerror(errno));
    if (keeper == 0) keeper_process(channels, options, body, caller);
    channels.notes.write.reset();
    channels.go.read.reset();
    if (options.on_started) options.on_started(keeper);

    UniqueFd first;
    Note note;
    std::optional<Note> last;
    while (!last && receive(channels.notes.read, note)) {
        if (note.kind != Note::Kind::first_pid) {
            last = note;
            continue;
        }
        // it waits for our go, so the id is still its own
        first = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, note.a, 0)));
        if (::send(channels.go.write.get(), "g", 1, MSG_NOSIGNAL) != 1) break;
    }
    const CellStatus keeper_status = status_of(wait_for(keeper));
    wait_until_gone(first);
    if (!last) return {-1, keeper_status.signal};
    if (last->kind == Note::Kind::setup_failed)
        throw Error(ErrorCode::lab, std::string("cannot make a cell: ") + last->what.data() + ": " +
                                        std::strerror(last->a));
    return {last->a, last->b};
}

CellStatus run_plain(const CellOptions& options, const Body& body) {
    flush_all();
    const pid_t caller = ::getpid();
    const pid_t child = ::fork();
    if (child < 0)
        throw Error(ErrorCode::lab, std::string("cannot start a process: ") + std::strerror(errno));
    if (child == 0) {
        die_with_parent(caller);
        if (options.new_session) ::setsid();
        restore_signals();
        run_body(body, false);
    }
    if (options.on_started) options.on_started(child);
    return status_of(wait_for(child));
}

}  // namespace

bool cells_available() {
    static std::optional<bool> answer;
    static uid_t asked_as = 0;  // a process that has given up root since gets a new answer
    if (answer && asked_as == ::geteuid()) return *answer;
    try {
        answer = run_isolated({}, [](bool) { return 0; }).exit_code == 0;
    } catch (const Error&) {
        answer = false;
    }
    asked_as = ::geteuid();
    return *answer;
}

CellStatus run_in_cell(const CellOptions& options, const std::function<int(bool isolated)>& body) {
    return cells_available() ? run_isolated(options, body) : run_plain(options, body);
}

void mount_private_folder(const std::filesystem::path& path) {
    make_folder(path, 0711);
    if (::mount("patchlab", path.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "mode=0711,size=256m") !=
        0)
        throw Error(ErrorCode::lab, "cannot mount a private folder on " + path.string() + ": " +
                                        std::strerror(errno));
}

static void set_address(sockaddr& out, in_addr_t address) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(address);
    std::memcpy(&out, &in, sizeof out);
}

int bring_loopback_up() noexcept {
    const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!socket) return errno;
    char device[] = "lo";
    ifreq request{};
    std::memcpy(request.ifr_name, device, sizeof device);
    request.ifr_flags = static_cast<short>(IFF_UP | IFF_RUNNING | IFF_MULTICAST);
    if (::ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0) return errno;

    rtentry route{};
    set_address(route.rt_dst, 0xe0000000);      // 224.0.0.0
    set_address(route.rt_genmask, 0xf0000000);  // /4
    route.rt_flags = RTF_UP;
    route.rt_dev = device;
    if (::ioctl(socket.get(), SIOCADDRT, &route) != 0 && errno != EEXIST) return errno;
    return 0;
}

}  // namespace patchlab::process
