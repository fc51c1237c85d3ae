// SPDX-License-Identifier: Apache-2.0
#include "platform/http/server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <list>

#include "platform/core/log.hpp"
#include "platform/http/connection.hpp"

namespace patchlab::http {

namespace {

/// `door`: what every connection of a listener has in common.
Peer peer_of(int fd, const Peer& door) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    Peer peer = door;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return peer;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.ss_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
        peer.address = ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    } else if (address.ss_family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
        peer.address = ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    } else {
        peer.address = "unix";
    }
    return peer;
}

/// Small writes go out at once: streams consist of them.
void without_delay(int fd) {
    const int yes = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);  // fails on a Unix socket
}

}  // namespace

struct Server::State : std::enable_shared_from_this<Server::State> {
    State(Loop& loop, Handler& handler, Limits limits) : shared{loop, handler, limits} {}

    bool has_room() const {
        return shared.counts.connections - shared.counts.streams < shared.limits.connections;
    }

    void take(UniqueFd fd, const Peer& door) {
        without_delay(fd.get());
        if (!has_room()) {
            ++shared.counts.refused;
            refuse(std::move(fd));
            return;
        }
        Peer peer = peer_of(fd.get(), door);
        connections.emplace_back(shared, std::move(fd), std::move(peer));
        shared.loop.spawn(run(shared_from_this(), std::prev(connections.end())));
    }

    static Task<void> run(std::shared_ptr<State> state, std::list<Connection>::iterator at) {
        try {
            co_await at->serve();
        } catch (const std::exception& error) {
            log_error(std::string("a connection failed: ") + error.what());
        }
        state->connections.erase(at);
    }

    /// Says why and hangs up; so that this is heard, what the other end still sends is dropped for
    /// a moment. Not for more than a few at a time.
    void refuse(UniqueFd fd) {
        Response response = shared.handler.refuse({503, "too many connections; try again soon"});
        response.fields.emplace_back("Retry-After", "1");
        const std::string text =
            head_text(response, response.body.size(), false, false, http_date(std::time(nullptr))) +
            response.body;
        (void)!::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        ::shutdown(fd.get(), SHUT_WR);
        if (leaving < shared.limits.let_go)
            shared.loop.spawn(leave(shared_from_this(), std::move(fd)));
    }

    static Task<void> leave(std::shared_ptr<State> state, UniqueFd fd) {
        ++state->leaving;
        Socket socket(state->shared.loop, std::move(fd));
        std::array<char, 4096> some;
        const Deadline patience(Seconds(1));
        for (int pieces = 0; pieces < 64; ++pieces) {
            const Wake wake = co_await socket.readable(patience);
            if (wake != Wake::ready || ::recv(socket.fd(), some.data(), some.size(), 0) <= 0) break;
        }
        --state->leaving;
    }

    static Task<void> accept_all(std::shared_ptr<State> state, std::list<Socket>::iterator at,
                                 Peer door) {
        // nobody is answered before the loop runs
        co_await at->readable(Deadline(Seconds(3600)));
        while (!state->shared.stopping) {
            UniqueFd fd(::accept4(at->fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
            if (fd) {
                state->take(std::move(fd), door);
                continue;
            }
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
                co_await sleep_for(state->shared.loop, Seconds(0.1));
                continue;
            }
            if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR && errno != ECONNABORTED)
                log_warning(std::string("cannot accept a connection: ") + std::strerror(errno));
            const Wake wake = co_await at->readable(Deadline(Seconds(3600)));
            if (wake == Wake::closed) break;
        }
        state->listeners.erase(at);
    }

    Shared shared;
    std::list<Connection> connections;
    std::list<Socket> listeners;
    std::size_t leaving = 0;
};

Server::Server(Loop& loop, Handler& handler, Limits limits)
    : state_(std::make_shared<State>(loop, handler, limits)) {}
Server::~Server() = default;

void Server::listen(Listener listener) {
    state_->listeners.emplace_back(state_->shared.loop, std::move(listener.fd));
    state_->shared.loop.spawn(State::accept_all(state_, std::prev(state_->listeners.end()),
                                                Peer{"unknown", listener.proxy, listener.tls}));
}

void Server::stop() {
    state_->shared.stopping = true;
    for (Socket& listener : state_->listeners) listener.close();
    for (Connection& connection : state_->connections) connection.end_when_idle();
}

void Server::close_all() {
    stop();
    for (Connection& connection : state_->connections) connection.close();
}

const Counts& Server::counts() const { return state_->shared.counts; }

}  // namespace patchlab::http
