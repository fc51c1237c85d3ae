// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/back/server.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <list>
#include <map>
#include <vector>

#include "orchestrator/service/back/worker.hpp"
#include "platform/core/error.hpp"
#include "platform/core/log.hpp"

namespace patchlab::service {

namespace {

constexpr Seconds idle_worker{30};  ///< a worker beyond those that wait ends after so long
constexpr Seconds idle_guest{60};   ///< a connection of an account on which nothing is asked
constexpr int look_around = 5000;   ///< milliseconds
/// So that whoever watches over the service starts it again: it has no HTTP any more.
constexpr int exit_of_a_lost_front = 3;

struct Guest {
    UniqueFd socket;
    Door door;
    enum class State { quiet, waiting, at_work } state = State::quiet;
    Stopwatch since{};  ///< it is quiet
};

struct Worker {
    pid_t pid = 0;
    UniqueFd channel;
    std::uint64_t connection = 0;  ///< which it answers; 0: none
    Stopwatch idle{};
};

/// The last word on a connection, for whoever is there to hear it at once.
void end_with(UniqueFd socket, const Error& error) {
    Connection connection(std::move(socket), most_from_caller, most_from_back);
    try {
        connection.send(error_message(error), {}, Seconds(0));
    } catch (const Error& gone) {
        log_debug(gone.what());
    }
}

class Server {
  public:
    explicit Server(ServerOptions options) : options_(std::move(options)) {
        sigset_t ours;
        ::sigemptyset(&ours);
        for (const int signal : {SIGTERM, SIGINT, SIGCHLD}) ::sigaddset(&ours, signal);
        ::sigprocmask(SIG_BLOCK, &ours, &before_);
        signals_ = UniqueFd(::signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK));
        if (!signals_)
            throw Error(ErrorCode::lab, std::string("no signalfd: ") + std::strerror(errno));
    }
    ~Server() {
        ::sigprocmask(SIG_SETMASK, &before_, nullptr);
        stop_listening();
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    int run() {
        keep_ready();
        if (options_.started) options_.started();
        while (!ending_) turn();
        end();
        return front_is_lost_ ? exit_of_a_lost_front : 0;
    }

  private:
    void turn();
    void end();
    void stop_listening();
    void take_signal();
    void begin_to_end();
    void front_has_ended();
    void accept_connection();
    void take_from_front();
    void add(UniqueFd socket, const Door& door);
    void hear(std::uint64_t id);
    void take_report(Worker& worker);
    void lost(Worker& worker);
    void drop(std::uint64_t id);
    void dispatch();
    bool give(std::uint64_t id);
    void keep_ready();
    void end_idle();
    Worker* fork_worker();
    /// Calls at work, or with `all` every connection, of the same account.
    unsigned count_of(const Door& door, bool all) const;

    ServerOptions options_;
    sigset_t before_{};
    UniqueFd signals_;
    bool ending_ = false;
    /// It was told to end, and the front is asked to: what is at work there still asks us.
    std::optional<Stopwatch> front_ends_;
    bool front_is_lost_ = false;
    std::uint64_t last_ = 0;
    std::map<std::uint64_t, Guest> guests_;
    std::deque<std::uint64_t> waiting_;
    std::list<Worker> workers_;
};

/// In the child everything of the server is closed, so that nobody waits for a copy of it.
Worker* Server::fork_worker() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return nullptr;
    UniqueFd ours(ends[0]), theirs(ends[1]);
    const pid_t pid = ::fork();
    if (pid < 0) {
        log_error(std::string("no worker could be started: ") + std::strerror(errno));
        return nullptr;
    }
    if (pid == 0) {
        ours.reset();
        workers_.clear();
        guests_.clear();
        signals_.reset();
        options_.listener.reset();
        options_.front.door.reset();
        ::sigprocmask(SIG_SETMASK, &before_, nullptr);
        int code = 3;
        try {
            code = work(std::move(theirs), options_.session);
        } catch (const std::exception& error) {
            log_error(std::string("a worker ended: ") + error.what());
        }
        ::_exit(code);
    }
    workers_.push_back({pid, std::move(ours), 0, {}});
    return &workers_.back();
}

void Server::keep_ready() {
    while (workers_.size() < options_.ready)
        if (!fork_worker()) return;
}

unsigned Server::count_of(const Door& door, bool all) const {
    return static_cast<unsigned>(
        std::count_if(guests_.begin(), guests_.end(), [&](const auto& one) {
            const Guest& guest = one.second;
            return (all || guest.state == Guest::State::at_work) &&
                   guest.door.front == door.front && guest.door.peer.uid == door.peer.uid;
        }));
}

void Server::add(UniqueFd socket, const Door& door) {
    if (guests_.size() >= options_.connections ||
        (!door.front && count_of(door, true) >= options_.connections / 4)) {
        end_with(std::move(socket),
                 Error(ErrorCode::lab, "the service has too many connections", "try again later"));
        return;
    }
    guests_.emplace(++last_, Guest{std::move(socket), door, Guest::State::quiet, {}});
}

void Server::accept_connection() {
    UniqueFd socket(::accept4(options_.listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket) return;
    try {
        const Door door{peer_of(socket.get()), false};
        add(std::move(socket), door);
    } catch (const Error& error) {
        log_warning(error.what());
    }
}

/// The front hands over one end of a pair that it made: it can open nothing itself.
void Server::take_from_front() {
    auto brought = take_over(options_.front.door.get());
    if (!brought) return front_has_ended();
    if (brought->descriptor) add(std::move(brought->descriptor), Door{{}, true});
}

void Server::drop(std::uint64_t id) {
    guests_.erase(id);
    std::erase(waiting_, id);
}

/// Something came on a quiet connection, or it ended.
void Server::hear(std::uint64_t id) {
    const auto found = guests_.find(id);
    if (found == guests_.end() || found->second.state != Guest::State::quiet) return;
    char first = 0;
    const ssize_t count = ::recv(found->second.socket.get(), &first, 1, MSG_PEEK | MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return drop(id);
    found->second.state = Guest::State::waiting;
    waiting_.push_back(id);
}

bool Server::give(std::uint64_t id) {
    Guest& guest = guests_.at(id);
    const auto free = std::find_if(workers_.begin(), workers_.end(),
                                   [](const Worker& worker) { return worker.connection == 0; });
    Worker* worker = free != workers_.end() ? &*free : nullptr;
    if (!worker && workers_.size() < options_.most) worker = fork_worker();
    if (!worker) return false;
    if (!hand_over(worker->channel.get(), guest.socket.get(), bytes_of(Errand{id, guest.door}))) {
        lost(*worker);
        return false;
    }
    worker->connection = id;
    guest.state = Guest::State::at_work;
    return true;
}

/// In the order in which they came; nobody takes every worker.
void Server::dispatch() {
    for (auto id = waiting_.begin(); id != waiting_.end();) {
        const Door door = guests_.at(*id).door;
        if (!door.front && count_of(door, false) >= options_.most_of_one) {
            ++id;
            continue;
        }
        if (!give(*id)) return;
        id = waiting_.erase(id);
    }
}

void Server::take_report(Worker& worker) {
    const auto said = take_over(worker.channel.get());
    const auto report = said ? report_from(said->bytes) : std::nullopt;
    if (!report) return lost(worker);
    worker.connection = 0;
    worker.idle = {};
    if (const auto found = guests_.find(report->connection); found != guests_.end()) {
        found->second.state = Guest::State::quiet;
        found->second.since = {};
        if (!report->keep) drop(report->connection);
    }
    if (report->last) workers_.remove_if([&](const Worker& one) { return &one == &worker; });
}

/// It crashed or was killed. What it was asked for may be done or not; the caller is told so.
void Server::lost(Worker& worker) {
    log_warning("worker " + std::to_string(worker.pid) + " was lost");
    if (const auto found = guests_.find(worker.connection); found != guests_.end()) {
        end_with(std::move(found->second.socket),
                 Error(ErrorCode::lab, "the process that worked on it was lost",
                       "what was asked for may be done or not; runs that were started go on: "
                       "patchlab run list"));
        drop(worker.connection);
    }
    workers_.remove_if([&](const Worker& one) { return &one == &worker; });
}

void Server::end_idle() {
    std::vector<std::uint64_t> quiet;
    for (const auto& [id, guest] : guests_)
        if (guest.state == Guest::State::quiet && !guest.door.front &&
            guest.since.seconds() > idle_guest.count())
            quiet.push_back(id);
    for (const std::uint64_t id : quiet) drop(id);
    std::size_t free = 0;
    workers_.remove_if([&](const Worker& worker) {
        if (worker.connection != 0) return false;
        return ++free > options_.ready && worker.idle.seconds() > idle_worker.count();
    });
}

/// Once: another service may stand at that path afterwards.
void Server::stop_listening() {
    options_.listener.reset();
    std::error_code ignored;
    if (!options_.path.empty()) fs::remove(options_.path, ignored);
    options_.path.clear();
}

/// No account connects any more, and the front lets nobody in; what it has let in is served first.
void Server::begin_to_end() {
    if (options_.front.pid <= 0 || !options_.front.door || front_ends_) {
        ending_ = true;  // told twice: at once
        return;
    }
    stop_listening();
    ::kill(options_.front.pid, SIGTERM);
    front_ends_.emplace();
}

void Server::front_has_ended() {
    options_.front.door.reset();
    ending_ = true;
    if (front_ends_) return;
    front_is_lost_ = true;
    log_error("the process that speaks HTTP has ended; so does the service");
}

void Server::take_signal() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == sizeof info)
        if (info.ssi_signo != SIGCHLD) begin_to_end();
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
}

void Server::turn() {
    std::vector<pollfd> polls;
    const auto watch = [&](int fd) { polls.push_back({fd, POLLIN, 0}); };
    watch(signals_.get());
    watch(options_.listener.get());
    watch(options_.front.door.get());  // -1: overlooked
    std::vector<Worker*> workers;
    for (Worker& worker : workers_) {
        watch(worker.channel.get());
        workers.push_back(&worker);
    }
    std::vector<std::uint64_t> guests;
    for (const auto& [id, guest] : guests_)
        if (guest.state == Guest::State::quiet) {
            watch(guest.socket.get());
            guests.push_back(id);
        }
    if (::poll(polls.data(), polls.size(), front_ends_ ? 200 : look_around) < 0) return;
    if (front_ends_ && front_ends_->seconds() > options_.grace.count()) ending_ = true;
    if (polls[0].revents != 0) take_signal();
    if (ending_) return;
    if (polls[1].revents != 0) accept_connection();
    if (polls[2].revents != 0) take_from_front();
    std::size_t at = 3;
    for (Worker* worker : workers)
        if (polls[at++].revents != 0) take_report(*worker);
    for (const std::uint64_t id : guests)
        if (polls[at++].revents != 0) hear(id);
    dispatch();
    end_idle();
    keep_ready();
}

/// No more calls. Those at work go on in their workers, which end by themselves; for a while we
/// wait, so that short ones are over when we are.
void Server::end() {
    stop_listening();
    options_.front.door.reset();
    for (const std::uint64_t id : waiting_)
        end_with(std::move(guests_.at(id).socket),
                 Error(ErrorCode::lab, "the service is ending", "try again when it is back"));
    guests_.clear();
    for (Worker& worker : workers_) ::shutdown(worker.channel.get(), SHUT_WR);
    workers_.remove_if([](const Worker& worker) { return worker.connection == 0; });
    const Stopwatch watch;
    while (!workers_.empty() && watch.seconds() < options_.grace.count()) {
        std::vector<pollfd> polls;
        for (const Worker& worker : workers_) polls.push_back({worker.channel.get(), POLLIN, 0});
        ::poll(polls.data(), polls.size(), 200);
        std::size_t at = 0;
        workers_.remove_if([&](const Worker&) { return polls[at++].revents != 0; });
    }
    if (!workers_.empty())
        log_warning(std::to_string(workers_.size()) + " calls go on without the service");
}

}  // namespace

int serve(ServerOptions options) { return Server(std::move(options)).run(); }

}  // namespace patchlab::service
