// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/wire/message.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>

#include "platform/core/error_document.hpp"

namespace patchlab::service {

namespace {

constexpr std::size_t most_word = 200, most_secret = 4096;

void expect_members(const Json& object, const std::set<std::string>& known,
                    const std::string& what) {
    if (!object.is_object()) throw Error(ErrorCode::invalid, what + " is no object");
    for (const auto& [key, ignored] : object.items())
        if (!known.contains(key))
            throw Error(ErrorCode::invalid,
                        what + " has a member '" + key.substr(0, 40) + "', which nobody knows");
}

/// A member that must be there: text of 1 to `most` bytes.
std::string word(const Json& object, const char* key, std::size_t most = most_word) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string())
        throw Error(ErrorCode::invalid, std::string("the member '") + key + "' is no text");
    const auto& text = found->get_ref<const std::string&>();
    if (text.empty() || text.size() > most || text.find('\0') != std::string::npos)
        throw Error(ErrorCode::invalid,
                    std::string("the member '") + key + "' is empty or too long");
    return text;
}

Credential credential_in(const Json& shown) {
    expect_members(shown, {"token", "session", "proxy"}, "the credential");
    if (shown.size() != 1) throw Error(ErrorCode::invalid, "one credential is taken, not several");
    if (shown.contains("token"))
        return {Credential::Kind::token, word(shown, "token", most_secret), {}};
    if (shown.contains("session"))
        return {Credential::Kind::session, word(shown, "session", most_secret), {}};
    const Json& proxy = shown.at("proxy");
    expect_members(proxy, {"user", "groups"}, "the proxy");
    Credential credential{Credential::Kind::proxy, word(proxy, "user"), {}};
    if (!proxy.contains("groups")) return credential;
    const Json& groups = proxy.at("groups");
    // how many may be named, whoever signs people in decides (governance/login.cpp)
    if (!groups.is_array()) throw Error(ErrorCode::invalid, "the groups are no list");
    for (const Json& group : groups)
        credential.groups.push_back(word({{"group", group}}, "group", most_secret));
    return credential;
}

Json to_json(const Credential& credential) {
    if (credential.kind == Credential::Kind::token) return {{"token", credential.value}};
    if (credential.kind == Credential::Kind::session) return {{"session", credential.value}};
    return {{"proxy", {{"user", credential.value}, {"groups", credential.groups}}}};
}

/// Codes of errors, to be found by their names.
constexpr std::array codes{
    ErrorCode::usage,   ErrorCode::invalid,     ErrorCode::not_found,         ErrorCode::conflict,
    ErrorCode::refused, ErrorCode::not_allowed, ErrorCode::not_authenticated, ErrorCode::lab,
    ErrorCode::timeout, ErrorCode::internal};

ErrorCode code_named(const std::string& word) {
    const auto* const found = std::find_if(codes.begin(), codes.end(),
                                           [&](ErrorCode code) { return name(code) == word; });
    return found == codes.end() ? ErrorCode::internal : *found;
}

}  // namespace

FromCaller from_caller(const Json& message) {
    if (message.contains("interrupt")) {
        if (message.size() != 1 || message.at("interrupt") != Json(true))
            throw Error(ErrorCode::invalid, "an interrupt says nothing else");
        return Interrupt{};
    }
    expect_members(message, {"call", "request", "as", "credential", "from"}, "the message");
    Ask ask;
    ask.call = word(message, "call");
    if (message.contains("request")) ask.request = message.at("request");
    if (!ask.request.is_object()) throw Error(ErrorCode::invalid, "the request is no object");
    if (message.contains("as")) ask.as = word(message, "as");
    if (message.contains("credential")) ask.credential = credential_in(message.at("credential"));
    if (message.contains("from")) ask.from = word(message, "from");
    return ask;
}

Json to_json(const Ask& ask) {
    Json message{{"call", ask.call}, {"request", ask.request}};
    if (!ask.as.empty()) message["as"] = ask.as;
    if (ask.credential) message["credential"] = to_json(*ask.credential);
    if (!ask.from.empty()) message["from"] = ask.from;
    return message;
}

Json interrupt_message() { return {{"interrupt", true}}; }

Json to_json(const Answer& answer) {
    return {{"response", answer.response}, {"exit", answer.exit}, {"state", answer.state}};
}

Error error_with_cause(ErrorCode code, const std::string& what, const std::string& cause,
                       const std::string& advice) {
    Error error(code, cause, advice);
    const std::string end = ": " + cause;
    if (what.size() > end.size() && what.ends_with(end))
        error.during(what.substr(0, what.size() - end.size()));
    return error;
}

Json error_message(const Error& error) {
    Json document = error_document(std::string(name(error.code())), error.what(), error.advice(),
                                   exit_code(error.code()));
    document["cause"] = error.message();
    return {{"error", std::move(document)}};
}

Json bug_message(const std::string& what) {
    return {
        {"error", error_document(std::string(name(ErrorCode::internal)), "internal error: " + what,
                                 "this is a bug in patchlab", exit_code(ErrorCode::internal))}};
}

std::optional<Answer> end_in(const Json& message) {
    const JsonReader in(message, "answer of the service");
    if (in.has("error")) {
        const JsonReader error = in.object("error");
        if (error.has("cause"))
            throw error_with_cause(code_named(error.string("code")), error.string("message"),
                                   error.string("cause"), error.string_or("advice", ""));
        const std::string what = error.string("message"), opens = "internal error: ";
        throw std::runtime_error(what.starts_with(opens) ? what.substr(opens.size()) : what);
    }
    if (!in.has("response")) return std::nullopt;
    Answer answer;
    answer.response = in.raw("response");
    answer.exit = static_cast<int>(in.integer("exit"));
    answer.state = in.string_or("state", "");
    return answer;
}

}  // namespace patchlab::service
