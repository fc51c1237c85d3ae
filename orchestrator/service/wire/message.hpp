// SPDX-License-Identifier: Apache-2.0
//
// What the messages say (docs/reference/service.md). What comes from a caller is read strictly: an
// unknown member, a wrong type or a text that is too long is Error(invalid). Values and pure
// functions; thread-safe as such.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "orchestrator/governance/credential.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

namespace patchlab::service {

using governance::Credential;

/// A caller asks for an operation.
struct Ask {
    std::string call;
    Json request = Json::object();
    std::string as;  ///< the user whom they name; empty: nobody
    std::optional<Credential> credential;
    std::string from;  ///< where a request over the network came from; empty: nobody says
};
/// A caller wants the operation to end.
struct Interrupt {};

using FromCaller = std::variant<Ask, Interrupt>;
/// Error(invalid).
FromCaller from_caller(const Json& message);
Json to_json(const Ask& ask);
Json interrupt_message();

/// How a call ended well.
struct Answer {
    Json response = Json::object();
    int exit = 0;
    std::string state;  ///< the state folder, whose paths the response may name
};
Json to_json(const Answer& answer);

/// An error with its cause apart from what was tried, so that whoever catches it can add to that.
/// `what`: all of it, as Error::what() gives it.
Error error_with_cause(ErrorCode code, const std::string& what, const std::string& cause,
                       const std::string& advice);
/// How it failed: patchlab/error/v1, and the cause alone, without what was tried.
Json error_message(const Error& error);
/// A mistake of patchlab itself.
Json bug_message(const std::string& what);

/// Both kinds of ends; nullopt for a message that is none. An error is thrown: Error, with the same
/// cause and the same words, or std::runtime_error for a bug.
std::optional<Answer> end_in(const Json& message);

}  // namespace patchlab::service
