// SPDX-License-Identifier: Apache-2.0
//
// Server: HTTP/1.1 on one thread. Each connection is a coroutine that reads a request, lets the
// Handler answer it, and reads the next one. What costs the server something has a limit: heads,
// bodies, connections, time. Who sends too slowly, or does not take what was asked for, is let go.
// Ownership: the server borrows loop and handler. Thread safety: everything on the loop's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/http/loop.hpp"
#include "platform/http/message.hpp"

namespace patchlab::http {

struct Limits {
    std::size_t head = 8U << 10;
    std::size_t in_memory = 1U << 20;   ///< a larger body becomes an anonymous file
    std::size_t connections = 200;      ///< that are no streams
    std::size_t streams = 256;          ///< responses that go on and on
    std::size_t let_go = 64;            ///< refused connections that are ended with patience
    Seconds idle{15};                   ///< for a head, between requests, without any progress
    std::uint64_t slowest = 32U << 10;  ///< bytes a second, beyond `idle`
};

struct Listener {
    UniqueFd fd;         ///< listening, of TCP or Unix
    bool proxy = false;  ///< only the declared proxy can connect to it
    bool tls = false;    ///< a proxy that speaks TLS stands before it
};

/// One request and the way to answer it.
class Exchange {
  public:
    virtual ~Exchange() = default;
    virtual Request& request() = 0;
    /// Sends a whole response. Once; not after begin().
    virtual Task<void> respond(Response response) = 0;
    /// Sends a head; the body follows in pieces. False when there is no room for another stream:
    /// then nothing was sent, and respond() is due. `lasting`: it counts as a stream.
    virtual Task<bool> begin(Response head, bool lasting) = 0;
    /// False when the caller is gone.
    virtual Task<bool> write(std::string_view bytes) = 0;
    /// Pauses until wake(), the time is over, or the caller is gone (Wake::closed).
    virtual Task<Wake> pause(Seconds time) = 0;
    virtual void wake() = 0;
    /// Hangs up, also in the middle of a write.
    virtual void drop() = 0;
    virtual bool has_begun() const = 0;
    /// The caller has hung up, as far as one can see without reading.
    virtual bool gone() const = 0;
};

class Handler {
  public:
    virtual ~Handler() = default;
    /// Asked before any byte of the body is read: how large it may be. nullopt: respond() was
    /// called, and nothing is read.
    virtual Task<std::optional<std::uint64_t>> admit(Exchange& exchange) = 0;
    virtual Task<void> handle(Exchange& exchange) = 0;
    /// The response to what is no request, or too large.
    virtual Response refuse(const Refusal& refusal) = 0;
};

struct Counts {
    std::size_t connections = 0;  ///< now, streams included
    std::size_t streams = 0;      ///< now
    std::uint64_t refused = 0;
};

class Server {
  public:
    Server(Loop& loop, Handler& handler, Limits limits = {});
    ~Server();
    Server(Server&&) = delete;

    /// Accepts connections from now on.
    void listen(Listener listener);
    /// Accepts no more; idle connections end now, the others after their response.
    void stop();
    /// Ends all connections now.
    void close_all();
    const Counts& counts() const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

/// "127.0.0.1:8080", "[::1]:8080"; port 0: any. Error(usage) for what is no address, Error(lab)
/// when it is taken.
UniqueFd listen_tcp(const std::string& address);
/// The port that a TCP socket listens on.
std::uint16_t port_of(const UniqueFd& listener);
/// Whether an address ("127.0.0.1:80") can be reached from this host alone.
bool is_loopback(const std::string& address);

}  // namespace patchlab::http
