// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/remote/client.hpp"

#include <poll.h>

#include <cerrno>
#include <csignal>

#include "orchestrator/service/events/events.hpp"
#include "orchestrator/service/remote/own_files.hpp"
#include "orchestrator/service/wire/message.hpp"
#include "platform/core/error.hpp"

namespace patchlab::service {

namespace {

constexpr int ask_again = 250;  ///< milliseconds, whether the user wants no more
constexpr std::string_view scheme = "unix:";

[[noreturn]] void lose() {
    throw Error(ErrorCode::lab, "the service ended the connection without an answer",
                "what was asked for may be done or not; see its log: journalctl -u patchlab");
}

/// Something came, or it is time to ask for an interrupt.
void wait_a_moment(int socket) {
    pollfd one{socket, POLLIN, 0};
    ::poll(&one, 1, ask_again);  // a signal ends it, too
}

/// As if the operation had been at work in this process, which Ctrl-C ends.
[[noreturn]] void end_by_interrupt() {
    std::signal(SIGINT, SIG_DFL);
    std::raise(SIGINT);
    lose();
}

}  // namespace

std::filesystem::path socket_of(const std::string& address) {
    if (address.starts_with(scheme) && address.size() > scheme.size())
        return address.substr(scheme.size());
    throw Error(ErrorCode::usage, "'" + address + "' is no address of a service",
                "name its socket: unix:/run/patchlab/back.sock");
}

RemoteClient::RemoteClient(const std::filesystem::path& socket, std::string as,
                           std::optional<Credential> shown)
    : socket_(socket),
      connection_(connect_to(socket), most_from_back, most_from_caller),
      as_(std::move(as)),
      shown_(std::move(shown)) {}

/// Between two calls the user may have thought for longer than the service waits.
void RemoteClient::connect_again_when_ended() {
    connection_.receive_what_is_there();
    if (connection_.ended())
        connection_ = Connection(connect_to(socket_), most_from_back, most_from_caller);
}

operations::Outcome RemoteClient::invoke(operations::EventSink& events, std::string_view name,
                                         const Json& request) {
    const operations::Operation* operation = operations::find(name);
    if (!operation)
        throw Error(ErrorCode::not_found, "there is no operation '" + std::string(name) + "'");
    if (is_done_here(*operation, request)) return here(events, *operation, request);
    OwnFiles files(*operation, request);
    operations::Outcome outcome =
        ask(events, operation, std::string(name), files.request(), files.descriptors());
    files.keep_written();
    return outcome;
}

operations::Outcome RemoteClient::ask(operations::EventSink& events,
                                      const operations::Operation* operation,
                                      const std::string& name, const Json& request,
                                      const std::vector<int>& files) {
    connect_again_when_ended();
    connection_.send(to_json(Ask{name, request, as_, shown_, {}}), files);
    // what only reads may be left at any time; the rest is told that nobody wants it any more
    const bool may_interrupt =
        operation && operations::writes(operation->kind) && operations::takes_long(operation->kind);
    bool interrupted = false;
    for (;;) {
        if (may_interrupt && !interrupted && events.interrupted()) {
            interrupted = true;
            connection_.send(interrupt_message());
        }
        wait_a_moment(connection_.fd());
        auto received = connection_.receive_what_is_there();
        if (!received && connection_.ended()) {
            if (interrupted) end_by_interrupt();
            lose();
        }
        if (!received || deliver(received->message, events)) continue;
        const auto answer = end_in(received->message);
        if (!answer) continue;  // an event of a later version
        state_ = answer->state;
        return {answer->response, answer->exit};
    }
}

const std::filesystem::path& RemoteClient::ask_state() {
    operations::NoEvents nobody;
    ask(nobody, nullptr, "service.health", Json::object(), {});
    return state_;
}

operations::Outcome RemoteClient::here(operations::EventSink& events,
                                       const operations::Operation& operation, Json request) {
    if (operation.name == "evidence.verify" && !request.contains("key")) {
        operations::NoEvents nobody;
        const operations::Outcome keys = ask(nobody, nullptr, "key.export", {{"users", false}}, {});
        request["installation_keys"] = keys.document.at("text");
    }
    return without_state(events, operation, request);
}

}  // namespace patchlab::service
