// SPDX-License-Identifier: Apache-2.0
//
// The one table of everything that a user can ask for, and the one way to ask for it. A row says
// who may, whether it changes anything and how long it takes; its request and its response are
// JSON, described by schema/NOUN.json ("run.start" → run.json, "run.start.request" and
// "run.start.response"). Because invoke() reads the table, no operation can forget to check its
// request, to ask for a role, or to leave a row in the audit trail.
// Thread safety: the table is immutable; a Session is used by one thread.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/governance/users.hpp"
#include "orchestrator/operations/event_sink.hpp"
#include "orchestrator/operations/session.hpp"
#include "platform/core/json.hpp"

namespace patchlab::operations {

/// The long ones take seconds to hours and report what they do.
enum class Kind { read, long_read, write, long_write };
constexpr bool writes(Kind kind) { return kind == Kind::write || kind == Kind::long_write; }
constexpr bool takes_long(Kind kind) { return kind == Kind::long_read || kind == Kind::long_write; }

/// Who may ask for it.
struct Access {
    /// One of them is needed. Empty: of a write, every user may; of a read, everybody, unasked.
    std::vector<governance::Role> any_of = {};
    /// Completes the refusal "user 'vera' may not …": "ask for a run".
    std::string_view to_do = {};
    /// The key of the request that names a user: who asks it of themselves needs no role.
    std::string_view themselves = {};
    /// A person does it, never a token.
    bool in_person = false;
    /// Of a session: the password must have been given a short while ago.
    bool fresh = false;
    /// Of a read: it must be known who asks.
    bool known = false;
    /// It changes nothing but how somebody logs in: an auditor may, and so may a narrowed token.
    bool personal = false;
    /// Whoever asks need not be known yet: they log in with it, or ask whether the service lives.
    bool before_login = false;

    Access by_person() const {
        Access access = *this;
        access.in_person = true;
        return access;
    }
    Access with_fresh_login() const {
        Access access = *this;
        access.fresh = true;
        return access;
    }
};

/// Everybody who reads.
Access anyone();
/// Every user, for what they read or change of their own.
Access every_user();
/// The people of the lab: testers and administrators.
Access lab_staff(std::string_view to_do);
Access administrators(std::string_view to_do);

/// The row of a write in the audit trail, besides its action (the operation) and its actor.
struct Audit {
    std::string subject;
    Json detail = Json::object();
};

/// What a function gets besides its request.
struct Call {
    Session& session;
    EventSink& events;
    /// Who asked, and may; of a read in the own process: nobody was asked.
    governance::Actor actor;
    std::string_view operation;  ///< its name

    /// Does `change` and appends the row of this operation, both or neither, in one transaction.
    /// For a short write whose change is in the database alone.
    void record(const Audit& audit, const std::function<void()>& change = {});
};

struct Outcome {
    Json document = Json::object();  ///< the response
    int exit = 0;                    ///< exit code of the command line
    /// What the row says of it; of a long write, a second row that says what came of it. Empty:
    /// subject and detail are taken from the request.
    std::optional<Audit> audit = {};
};

struct Operation {
    std::string_view name;     ///< "run.start": noun and verb
    std::string_view summary;  ///< one line, for lists and API descriptions
    Kind kind = Kind::read;
    Access access;
    /// The request has been checked against its schema.
    Outcome (*run)(Call& call, const JsonReader& request) = nullptr;
    /// The key of the request that names what is acted on ("run"); empty: none does.
    std::string_view subject = {};
    /// A long write leaves its own row before its work, in the transaction that begins it.
    /// Otherwise invoke() leaves one before a long write begins (and one that says why, when it
    /// fails), and after a short one ended.
    bool own_row = false;
};

/// All of them, in the order of the nouns.
std::span<const Operation> operations();
/// nullptr when there is none of that name.
const Operation* find(std::string_view name);

/// A member of a request that leads to a file, or several.
struct FileMember {
    std::string key;
    bool many = false;
    bool written = false;  ///< the operation makes the file
};
std::vector<FileMember> file_members(const Operation& operation);

/// The published schemas, complete: every $ref leads into the document itself.
Json request_schema(const Operation& operation);
Json response_schema(const Operation& operation);

/// Who acts, and may: of a write, a user with one of the roles, whose scope covers what the request
/// reaches; of a read for somebody else, any user. The roles that count are in the actor. A refusal
/// is recorded. Error(not_allowed).
governance::Actor authorise(Session& session, const Operation& operation,
                            const Json& request = Json::object());

/// Checks the request, authorises, runs, leaves the audit row. Debug builds check the response,
/// too. Error(not_found) for an unknown name, Error(invalid) for a request that does not fit its
/// schema, and whatever the operation throws.
Outcome invoke(Session& session, EventSink& events, std::string_view name, const Json& request);

}  // namespace patchlab::operations
