// SPDX-License-Identifier: Apache-2.0
#include <poll.h>

#include "orchestrator/service/remote/transport.hpp"
#include "orchestrator/service/wire/connection.hpp"

namespace patchlab::service {

namespace {

constexpr int moment_of_poll = 250;  ///< milliseconds

class SocketTransport final : public Transport {
  public:
    explicit SocketTransport(std::filesystem::path socket)
        : socket_(std::move(socket)), connection_(connected()) {}

    /// Between two calls the user may have thought for longer than the service waits.
    void begin(const Ask& ask, const SentFiles& files) override {
        connection_.receive_what_is_there();
        if (connection_.ended()) connection_ = connected();
        connection_.send(to_json(ask), files.descriptors);
    }
    void interrupt() override { connection_.send(interrupt_message()); }
    std::optional<Json> next() override {
        pollfd one{connection_.fd(), POLLIN, 0};
        ::poll(&one, 1, moment_of_poll);  // a signal ends it, too
        auto received = connection_.receive_what_is_there();
        if (!received) return std::nullopt;
        return std::move(received->message);
    }
    bool ended() const override { return connection_.ended(); }

  private:
    Connection connected() const { return {connect_to(socket_), most_from_back, most_from_caller}; }

    std::filesystem::path socket_;
    Connection connection_;
};

}  // namespace

std::unique_ptr<Transport> socket_transport(const std::filesystem::path& socket) {
    return std::make_unique<SocketTransport>(socket);
}

}  // namespace patchlab::service
