// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/rights.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "platform/core/error.hpp"

namespace patchlab::governance {

namespace {

constexpr std::array<std::pair<Role, std::string_view>, 6> role_names{
    {{Role::viewer, "viewer"},
     {Role::tester, "tester"},
     {Role::release_manager, "release-manager"},
     {Role::system_owner, "system-owner"},
     {Role::admin, "admin"},
     {Role::auditor, "auditor"}}};

constexpr std::string_view of_group = "group=", of_criticality = "criticality=";
constexpr std::size_t most_terms = 100;

void check_term(const std::string& term) {
    static constexpr std::array<std::string_view, 3> levels{"mission-critical", "business-critical",
                                                            "business-operational"};
    const std::string_view text(term);
    if (text.starts_with(of_group) && text.size() > of_group.size() && text.size() <= 120) return;
    const bool known =
        text.starts_with(of_criticality) &&
        std::find(levels.begin(), levels.end(), text.substr(of_criticality.size())) != levels.end();
    if (!known)
        throw Error(ErrorCode::invalid, "'" + term.substr(0, 120) + "' is no scope of a role",
                    "give group=NAME, or criticality=mission-critical, business-critical or "
                    "business-operational");
}

}  // namespace

std::string_view name(Role role) {
    for (const auto& [value, word] : role_names)
        if (value == role) return word;
    throw Error(ErrorCode::internal, "a role has no name");
}

Role role_from(std::string_view word) {
    std::string known;
    for (const auto& [value, text] : role_names) {
        if (text == word) return value;
        known += (known.empty() ? "" : ", ") + std::string(text);
    }
    throw Error(ErrorCode::invalid, "'" + std::string(word) + "' is no role",
                "roles are: " + known);
}

std::vector<std::string> role_words() {
    std::vector<std::string> words;
    for (const auto& role : role_names) words.emplace_back(role.second);
    return words;
}

Json to_json(const std::vector<Role>& roles) {
    Json words = Json::array();
    for (const Role role : roles) words.push_back(name(role));
    return words;
}

bool Scope::covers(const Place& place) const {
    return everywhere() || std::any_of(terms.begin(), terms.end(), [&](const std::string& term) {
               const std::string_view text(term);
               if (text.starts_with(of_criticality))
                   return place.criticality == text.substr(of_criticality.size());
               return std::find(place.groups.begin(), place.groups.end(),
                                text.substr(of_group.size())) != place.groups.end();
           });
}

Scope scope_from(std::vector<std::string> terms) {
    if (terms.size() > most_terms)
        throw Error(ErrorCode::invalid, "a role has at most 100 terms of scope");
    for (const std::string& term : terms) check_term(term);
    std::sort(terms.begin(), terms.end());
    terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
    return {std::move(terms)};
}

std::string scope_text(const Scope& scope) {
    std::string text;
    for (const std::string& term : scope.terms) text += (text.empty() ? "" : " or ") + term;
    return text;
}

Json to_json(const std::map<Role, Scope>& scopes) {
    Json json = Json::object();
    for (const auto& [role, scope] : scopes) json[std::string(name(role))] = scope.terms;
    return json;
}

Json to_json(const Narrowing& narrowing) {
    return {{"role", narrowing.role ? Json(name(*narrowing.role)) : Json(nullptr)},
            {"labs", narrowing.labs},
            {"channels", narrowing.channels},
            {"rings", narrowing.rings}};
}

Narrowing narrowing_from(const JsonReader& json) {
    Narrowing narrowing;
    if (json.has("role")) narrowing.role = role_from(json.string("role"));
    narrowing.labs = json.strings_or_empty("labs");
    narrowing.channels = json.strings_or_empty("channels");
    narrowing.rings = json.strings_or_empty("rings");
    return narrowing;
}

Json to_json(const Account& account) {
    return {{"os_user", account.os_user}, {"uid", account.uid}, {"login", account.login}};
}

Account account_from(const JsonReader& json) {
    return {json.string("os_user"), json.integer("uid"), json.string("login")};
}

Account os_account() {
    // Only root gets its environment from sudo; anybody else could have written it themselves.
    if (::geteuid() == 0)
        if (const char* caller = std::getenv("SUDO_USER"); caller && *caller) {
            const passwd* entry = ::getpwnam(caller);
            return {caller, entry ? static_cast<std::int64_t>(entry->pw_uid) : -1, ""};
        }
    return account_with(static_cast<std::int64_t>(::geteuid()));
}

Account account_with(std::int64_t uid) {
    if (const passwd* entry = ::getpwuid(static_cast<uid_t>(uid));
        entry && entry->pw_name && *entry->pw_name)
        return {entry->pw_name, uid, ""};
    return {"uid-" + std::to_string(uid), uid, ""};
}

std::string os_user_name() { return os_account().os_user; }

}  // namespace patchlab::governance
