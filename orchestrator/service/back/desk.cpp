// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/back/desk.hpp"

#include <sys/stat.h>

#include <variant>

#include "orchestrator/governance/login.hpp"
#include "orchestrator/operations/operation.hpp"
#include "orchestrator/operations/patch_urgency.hpp"
#include "orchestrator/service/back/caller_events.hpp"
#include "orchestrator/service/back/interrupt_watch.hpp"
#include "orchestrator/service/back/lent_files.hpp"
#include "orchestrator/service/back/offered.hpp"
#include "platform/core/error.hpp"
#include "platform/core/log.hpp"

namespace patchlab::service {

namespace {

/// How long a caller may take to say what they want, from its first byte on.
constexpr Seconds patience_with_writer{10};
constexpr std::string_view health_call = "service.health";

/// The file's number; 0 where there is none.
std::uint64_t file_number(const fs::path& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? info.st_ino : 0;
}

const operations::Operation& operation_of(const Ask& ask) {
    const operations::Operation* operation = operations::find(ask.call);
    if (operation) return *operation;
    throw Error(ErrorCode::not_found, "there is no operation '" + ask.call + "'");
}

/// An error in the caller's own words.
Error as_called(operations::Session* session, const Error& error) {
    if (!session) return error;
    return error_with_cause(error.code(), session->as_called(error.what()),
                            session->as_called(error.message()),
                            session->as_called(error.advice()));
}

}  // namespace

std::filesystem::path take_state(const operations::SessionOptions& options) {
    process::SystemCommandRunner commands;
    const SystemClock clock;
    operations::Session session(options, commands, clock);
    session.permit_new_state();
    session.actor();
    return session.state();
}

/// The state may have been put back from a backup under our feet.
operations::Session& Desk::session() {
    const std::uint64_t now = file_number(options_.state / "patchlab.db");
    if (!session_ || worn_ || now != database_file_) {
        session_ = std::make_unique<operations::Session>(options_, commands_, clock_);
        database_file_ = now;
        worn_ = false;
    }
    return *session_;
}

void Desk::warm_up() {
    try {
        if (!session().has_state()) return;
        session().governance();
        operations::due_patches(session());
    } catch (const std::exception& error) {
        log_debug(error.what());
    }
}

governance::Account account_behind(const Door& door) {
    if (door.front) return {"", -1, "front"};
    governance::Account account = governance::account_with(door.peer.uid);
    account.login = "unix-socket";
    return account;
}

/// The front is nobody: it may ask for somebody who shows a credential, or let one log in.
operations::Caller Desk::caller(const Door& door, const Ask& ask, bool before_login) {
    operations::Caller caller{account_behind(door), ask.as, {}, {}};
    // an account of this host cannot say that its call comes from elsewhere
    caller.from = door.front ? ask.from : "";
    if (!ask.credential) {
        if (door.front && !before_login)
            throw Error(ErrorCode::not_authenticated, "nobody is logged in",
                        "log in, or give a token");
        return caller;
    }
    if (ask.credential->kind == Credential::Kind::proxy && !door.front)
        throw Error(ErrorCode::not_allowed, "only the front speaks for a proxy");
    try {
        caller.authenticated = governance::authenticate(
            session().governance(), *ask.credential, caller.from.empty() ? "local" : caller.from);
        caller.account = caller.authenticated->account();
    } catch (const Error& error) {
        // who logs in may still hold a session that has ended
        if (!before_login || error.code() != ErrorCode::not_authenticated) throw;
    }
    return caller;
}

Answer Desk::health() {
    operations::NoEvents nobody;
    const operations::Outcome found =
        operations::invoke(session(), nobody, health_call, Json::object());
    return {found.document, found.exit, session().state_place().string()};
}

Json Desk::work(Connection& connection, const Door& door, const Ask& ask,
                std::vector<UniqueFd> files) {
    if (ask.call == health_call) return to_json(health());
    const operations::Operation& operation = operation_of(ask);
    operations::Session& session = this->session();
    const bool before_login = operation.access.before_login;
    const operations::Caller asking = caller(door, ask, before_login);
    session.work_for(asking);
    if (!before_login) session.actor();  // before a byte is copied for a stranger
    expect_offered(session, operation, ask.request);
    LentFiles lent(operation, ask.request, std::move(files), session.state() / "tmp");
    session.work_for(asking, lent.names());
    CallerEvents events(connection, !operations::writes(operation.kind), session);
    std::optional<InterruptWatch> watch;
    if (operation.kind == operations::Kind::long_write) watch.emplace(connection.fd());
    const operations::Outcome outcome =
        operations::invoke(session, events, operation.name, lent.request());
    watch.reset();
    lent.give_back();
    return to_json(Answer{session.document_as_called(outcome.document), outcome.exit,
                          session.state().string()});
}

bool Desk::answer(Connection& connection, const Door& door, const Ask& ask,
                  std::vector<UniqueFd> files) {
    const operations::Operation* operation = operations::find(ask.call);
    Json end;
    try {
        end = work(connection, door, ask, std::move(files));
    } catch (const CallerGone&) {
        return false;
    } catch (const Error& error) {
        end = error_message(as_called(session_.get(), error));
    } catch (const std::exception& error) {
        log_error(ask.call + ": " + error.what());
        worn_ = true;
        end = bug_message(error.what());
    }
    // long work may have left processes, folders or memory behind
    if (operation && operations::takes_long(operation->kind)) worn_ = true;
    connection.send(end);
    return true;
}

bool Desk::serve(Connection& connection, const Door& door) {
    try {
        auto received = connection.receive(patience_with_writer);
        if (!received) return false;
        const FromCaller said = from_caller(received->message);
        if (const Ask* ask = std::get_if<Ask>(&said))
            return answer(connection, door, *ask, std::move(received->files));
        return true;  // an interrupt that came when the call had ended
    } catch (const Error& error) {
        // what is no message is answered, and then nothing it says is believed any more
        log_debug(error.what());
        try {
            connection.send(error_message(error), {}, Seconds(1));
        } catch (const Error& gone) {
            log_debug(gone.what());
        }
        return false;
    }
}

}  // namespace patchlab::service
