// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/guests.hpp"

#include <algorithm>
#include <array>

#include "platform/core/error.hpp"

namespace patchlab::operations {

namespace {

/// Where and as whom Ansible logs in; nothing else is a guest's to say.
constexpr std::array<std::string_view, 13> harmless{
    "ansible_host",        "ansible_ssh_host",    "ansible_port",        "ansible_ssh_port",
    "ansible_user",        "ansible_ssh_user",    "ansible_become",      "ansible_become_method",
    "ansible_become_user", "ansible_ssh_timeout", "ansible_ssh_retries", "ansible_timeout",
    "ansible_pipelining"};

/// Neither an option of a program nor anything that a shell or ssh reads meaning into.
bool is_plain(const Json& value) {
    if (!value.is_string()) return value.is_number() || value.is_boolean();
    const auto& text = value.get_ref<const std::string&>();
    static constexpr std::string_view letters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:@+-";
    return !text.empty() && !text.starts_with('-') &&
           text.find_first_not_of(letters) == std::string::npos;
}

bool is_harmless(const std::string& variable, const Json& value) {
    if (variable == "ansible_connection") return value == Json("ssh");
    return is_plain(value) &&
           std::find(harmless.begin(), harmless.end(), variable) != harmless.end();
}

[[noreturn]] void refuse(const std::string& what) {
    throw Error(ErrorCode::not_allowed,
                what + ", which takes the rights of the service on its host",
                "there, root or the owner of the state folder may do it");
}

}  // namespace

void expect_fit_for_guests(Session& session, const std::vector<notify::NotifyTarget>& targets) {
    if (!session.has_guest()) return;
    for (const notify::NotifyTarget& target : targets) {
        if (!target.command.empty()) refuse(notify::label(target) + " runs a program");
        if (!target.secret_file.empty() || !target.smtp_password_file.empty())
            refuse(notify::label(target) + " names a file with a secret");
    }
}

void expect_fit_for_guests(Session& session, const std::vector<inventory::Host>& hosts) {
    if (!session.has_guest()) return;
    for (const inventory::Host& host : hosts)
        for (const auto& [variable, value] : host.variables.items())
            if (!is_harmless(variable, value)) refuse("host " + host.name + " sets " + variable);
}

}  // namespace patchlab::operations
