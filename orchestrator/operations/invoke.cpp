// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "orchestrator/operations/listing.hpp"
#include "orchestrator/operations/names.hpp"
#include "orchestrator/operations/operation.hpp"
#include "orchestrator/operations/uniform.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/schema.hpp"

namespace patchlab::operations {

namespace {

/// Error(invalid) that names every mistake.
void check_request(const Operation& operation, const Json& request) {
    Diagnostics mistakes;
    Schema(to_line(request_schema(operation))).check({"request", request, {}}, mistakes);
    mistakes.throw_if_any("request of " + std::string(operation.name));
}

/// What an operation answers is part of the contract: a slip is found where tests run.
void check_response([[maybe_unused]] const Operation& operation,
                    [[maybe_unused]] const Json& response) {
#ifndef NDEBUG
    Diagnostics mistakes;
    Schema(to_line(response_schema(operation))).check({"response", response, {}}, mistakes);
    if (mistakes.ok()) return;
    throw Error(ErrorCode::internal,
                std::string(operation.name) +
                    ": its response does not fit its schema: " + mistakes.items.front().text());
#endif
}

/// A file that came along, by its digest.
Json without_text(const Json& member) {
    if (!member.is_object() || !member.contains("text") || !member.at("text").is_string())
        return member;
    Json brief = member;
    brief["sha256"] = sha256_hex(member.at("text").get<std::string>());
    brief.erase("text");
    return brief;
}

/// Subject and detail as the request has them.
Audit audit_of(const Operation& operation, const Json& request) {
    Audit audit;
    for (const auto& [key, member] : request.items()) audit.detail[key] = without_text(member);
    if (const auto subject = request.find(operation.subject);
        subject != request.end() && subject->is_string()) {
        audit.subject = subject->get<std::string>();
        audit.detail.erase(std::string(operation.subject));
    }
    return audit;
}

Outcome write(Call& call, const Operation& operation, const JsonReader& request) {
    governance::AuditTrail& trail = call.session.governance().audit;
    const std::int64_t before = trail.appended();
    const Audit asked = audit_of(operation, request.raw());
    const bool long_one = operation.kind == Kind::long_write && !operation.own_row;
    if (long_one) call.record(asked);
    try {
        Outcome outcome = operation.run(call, request);
        if (outcome.audit) call.record(*outcome.audit);
        else if (trail.appended() == before) call.record(asked);
        return outcome;
    } catch (const Error& error) {
        if (long_one) call.record({asked.subject, {{"failed", error.what()}}});
        throw;
    }
}

/// Whether somebody begins with it: a write that adds something. What changes or reads something
/// that must be there finds a mistyped state folder instead of making it.
bool begins_state(const Operation& operation) {
    static constexpr std::array verbs{"add", "build", "import", "init", "window_add"};
    const std::string_view verb = operation.name.substr(operation.name.find('.') + 1);
    return writes(operation.kind) &&
           std::any_of(verbs.begin(), verbs.end(), [&](const char* one) { return verb == one; });
}

}  // namespace

void Call::record(const Audit& audit, const std::function<void()>& change) {
    session.governance().audit.append(
        {actor, std::string(operation), session.as_called(audit.subject),
         session.document_as_called(audit.detail)},
        change);
}

Outcome invoke(Session& session, EventSink& events, std::string_view name, const Json& request) {
    const Operation* operation = find(name);
    if (!operation)
        throw Error(ErrorCode::not_found, "there is no operation '" + std::string(name) + "'");
    check_request(*operation, request);
    if (begins_state(*operation) && !session.has_caller()) session.permit_new_state();
    // strangers are told nothing at all
    if (session.has_caller() && !operation->access.before_login) session.actor();
    Call asking{session, events, {}, operation->name};
    const Json whole = with_whole_names(asking, *operation, request);
    Call call{session, events, authorise(session, *operation, whole), operation->name};
    const JsonReader reader(whole, "request");
    Outcome outcome =
        writes(operation->kind) ? write(call, *operation, reader) : operation->run(call, reader);
    add_uniform_names(outcome.document);
    if (const Listing* listing = listing_of(operation->name); listing && reader.has("filter"))
        narrow(outcome.document, *listing, reader.object("filter"), session.clock().now());
    check_response(*operation, outcome.document);
    return outcome;
}

}  // namespace patchlab::operations
