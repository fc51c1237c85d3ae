// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/front/serve.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>

#include "platform/core/error.hpp"
#include "platform/core/log.hpp"
#include "platform/process/sandbox.hpp"

namespace patchlab::service::front {

using http::Task;

namespace {

constexpr uid_t nobody = 65534;

[[noreturn]] void cannot(const char* what) {
    throw Error(ErrorCode::lab, std::string("cannot ") + what + ": " + std::strerror(errno));
}

struct Account {
    uid_t uid = nobody;
    gid_t gid = nobody;
};

/// An account that owns nothing else, where there is one.
Account account_of_front() {
    for (const char* name : {"patchlab-front", "nobody"})
        if (const passwd* entry = ::getpwnam(name)) return {entry->pw_uid, entry->pw_gid};
    return {};
}

void become(const Account& account) {
    if (::geteuid() != 0) return;
    if (::setgroups(0, nullptr) != 0) cannot("leave the groups");
    if (::setresgid(account.gid, account.gid, account.gid) != 0) cannot("become another group");
    if (::setresuid(account.uid, account.uid, account.uid) != 0) cannot("become another user");
    if (::setuid(0) == 0) throw Error(ErrorCode::lab, "the rights of root could not be given up");
}

void limit(decltype(RLIMIT_NOFILE) what, rlim_t most) {
    rlimit now{};
    if (::getrlimit(what, &now) != 0) cannot("read a resource limit");
    const rlim_t bound = now.rlim_max == RLIM_INFINITY ? most : std::min(most, now.rlim_max);
    const rlimit wanted{bound, bound};
    if (::setrlimit(what, &wanted) != 0) cannot("set a resource limit");
}

/// So much at most, whatever is sent: descriptors for the connections, memory for their bodies.
void limit_resources() {
    limit(RLIMIT_NOFILE, 4096);
    limit(RLIMIT_NPROC, 0);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 80U << 20);  // of an anonymous file, too
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    limit(RLIMIT_AS, 4ULL << 30);
#endif
}

void close_all_but(std::vector<int> kept) {
    kept.insert(kept.end(), {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO});
    std::sort(kept.begin(), kept.end());
    unsigned from = 0;
    for (const int fd : kept) {
        const auto number = static_cast<unsigned>(fd);
        if (number > from) ::close_range(from, number - 1, 0);
        from = std::max(from, number + 1);
    }
    ::close_range(from, ~0U, 0);
}

void confine() {
    const Account account = account_of_front();
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::localtime_r(&now, &parts);  // reads the time zone while it can
    if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) cannot("forbid others to look in");
    limit_resources();
    become(account);
    // a change of the account took it away: whoever keeps the front is not outlived by it
    if (::prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0) cannot("end with the keeper");
    process::close_off(process::Sockets::serve);
}

Task<void> end_gracefully(http::Loop& loop, http::Server& server, Front& front, Upstream& upstream,
                          Seconds grace) {
    server.stop();
    front.hub().drop_all();
    const Deadline patience(grace);
    while (server.counts().connections > 0 && !patience.passed())
        co_await http::sleep_for(loop, Seconds(0.05));
    server.close_all();
    upstream.close(true);
    const Deadline end(Seconds(2));
    while (loop.spawned() > 1 && !end.passed()) co_await http::sleep_for(loop, Seconds(0.02));
    loop.stop();
}

std::vector<std::string> with_loopback(std::vector<std::string> hosts) {
    for (const char* name : {"localhost", "127.0.0.1", "[::1]", "patchlab"})
        hosts.emplace_back(name);
    return hosts;
}

sigset_t signals_of_keeper() {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGCHLD}) ::sigaddset(&set, signal);
    return set;
}

/// Whether the keeper is told to end while it waits before it starts another front.
bool is_told_within_a_second() {
    sigset_t ends = signals_of_keeper();
    ::sigdelset(&ends, SIGCHLD);
    const timespec moment{1, 0};
    return ::sigtimedwait(&ends, nullptr, &moment) > 0;
}

pid_t start_serving(const std::function<ServeOptions()>& options, const sigset_t& signals) {
    const pid_t pid = ::fork();
    if (pid < 0) cannot("start the front");
    if (pid > 0) return pid;
    int code = 3;
    try {
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        ::sigprocmask(SIG_UNBLOCK, &signals, nullptr);
        code = serve_http(options());
    } catch (const std::exception& error) {
        log_error(std::string("the front ended: ") + error.what());
    }
    ::_exit(code);
}

}  // namespace

int keep_serving(const std::function<ServeOptions()>& options,
                 const std::function<void()>& let_go) {
    const sigset_t signals = signals_of_keeper();
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    bool told = false;
    while (true) {
        const pid_t front = start_serving(options, signals);
        int status = 0;
        while (::waitpid(front, &status, WNOHANG) == 0) {
            siginfo_t got{};
            if (::sigwaitinfo(&signals, &got) < 0 || got.si_signo == SIGCHLD) continue;
            told = true;
            let_go();
            ::kill(front, SIGTERM);
        }
        if (WIFEXITED(status)) return WEXITSTATUS(status);
        if (told || is_told_within_a_second()) return 0;
        log_error("the front was lost; another one is started");
    }
}

void expect_permitted(const std::string& address, bool behind_proxy) {
    if (http::is_loopback(address) || behind_proxy) return;
    throw Error(
        ErrorCode::usage,
        "'" + address + "' can be reached from outside, and HTTP is read by everybody on the way",
        "let a proxy that speaks TLS connect to it, and say so with --behind-tls-proxy; a proxy on "
        "this host can connect to 127.0.0.1 or to --proxy-socket");
}

int serve_http(ServeOptions options) {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);  // a body above the limit is an error of its write
    (void)openapi_text();           // the routes, too: nobody waits for them later
    if (options.confined) {
        std::vector<int> kept = options.kept;
        for (const auto& listener : options.listeners) kept.push_back(listener.fd.get());
        close_all_but(std::move(kept));
        confine();
    }
    http::Loop loop;
    Upstream upstream(loop, options.connect, options.upstream_limits);
    Front front(loop, upstream, with_loopback(options.hosts), options.front_limits);
    http::Server server(loop, front, options.limits);
    loop.on_signals({SIGTERM, SIGINT}, [&] {
        loop.spawn(end_gracefully(loop, server, front, upstream, options.grace));
    });
    for (auto& listener : options.listeners) server.listen(std::move(listener));
    loop.run();
    return 0;
}

}  // namespace patchlab::service::front
