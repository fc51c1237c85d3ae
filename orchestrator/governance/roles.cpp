// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/roles.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "platform/core/error.hpp"

namespace patchlab::governance {

namespace {

constexpr std::array<std::pair<Role, std::string_view>, 5> role_names{
    {{Role::viewer, "viewer"},
     {Role::tester, "tester"},
     {Role::release_manager, "release-manager"},
     {Role::system_owner, "system-owner"},
     {Role::admin, "admin"}}};

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

std::string os_user_name() {
    // Only root gets its environment from sudo; anybody else could have written it themselves.
    if (::geteuid() == 0)
        if (const char* caller = std::getenv("SUDO_USER"); caller && *caller) return caller;
    if (const passwd* entry = ::getpwuid(::geteuid()); entry && entry->pw_name && *entry->pw_name)
        return entry->pw_name;
    return "uid-" + std::to_string(::geteuid());
}

}  // namespace patchlab::governance
