// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/remote/client.hpp"

#include <csignal>

#include "orchestrator/service/events/events.hpp"
#include "orchestrator/service/remote/own_files.hpp"
#include "orchestrator/service/wire/message.hpp"
#include "platform/core/error.hpp"

namespace patchlab::service {

namespace {

constexpr std::string_view scheme = "unix:", https = "https://";

[[noreturn]] void lose() {
    throw Error(ErrorCode::lab, "the service ended the connection without an answer",
                "what was asked for may be done or not; see its log: journalctl -u patchlab");
}

/// As if the operation had been at work in this process, which Ctrl-C ends.
[[noreturn]] void end_by_interrupt() {
    std::signal(SIGINT, SIG_DFL);
    std::raise(SIGINT);
    lose();
}

}  // namespace

std::unique_ptr<Transport> transport_to(const std::string& address,
                                        const std::filesystem::path& authorities) {
    if (address.starts_with(https)) return https_transport(address, authorities);
    if (address.starts_with(scheme) && address.size() > scheme.size())
        return socket_transport(address.substr(scheme.size()));
    throw Error(ErrorCode::usage, "'" + address + "' is no address of a service",
                "name its socket (unix:/run/patchlab/back.sock), or https://HOST");
}

RemoteClient::RemoteClient(std::unique_ptr<Transport> transport, std::string as,
                           std::optional<Credential> shown)
    : transport_(std::move(transport)), as_(std::move(as)), shown_(std::move(shown)) {}

operations::Outcome RemoteClient::invoke(operations::EventSink& events, std::string_view name,
                                         const Json& request) {
    const operations::Operation* operation = operations::find(name);
    if (!operation)
        throw Error(ErrorCode::not_found, "there is no operation '" + std::string(name) + "'");
    if (is_done_here(*operation, request)) return here(events, *operation, request);
    OwnFiles files(*operation, request);
    operations::Outcome outcome =
        ask(events, operation, std::string(name), files.request(), files.sent());
    files.keep_written();
    return outcome;
}

operations::Outcome RemoteClient::ask(operations::EventSink& events,
                                      const operations::Operation* operation,
                                      const std::string& name, const Json& request,
                                      const SentFiles& files) {
    transport_->begin(Ask{name, request, as_, shown_, {}}, files);
    // what only reads may be left at any time; the rest is told that nobody wants it any more
    const bool may_interrupt =
        operation && operations::writes(operation->kind) && operations::takes_long(operation->kind);
    bool interrupted = false;
    for (;;) {
        if (may_interrupt && !interrupted && events.interrupted()) {
            interrupted = true;
            transport_->interrupt();
        }
        const auto message = transport_->next();
        if (!message && transport_->ended()) {
            if (interrupted) end_by_interrupt();
            lose();
        }
        if (!message || deliver(*message, events)) continue;
        const auto answer = end_in(*message);
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
