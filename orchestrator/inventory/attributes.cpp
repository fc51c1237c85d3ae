// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/attributes.hpp"

#include <algorithm>
#include <array>

#include "platform/core/schema.hpp"
#include "platform/core/text.hpp"

namespace patchlab::inventory {

namespace {

constexpr std::size_t longest_text = 200, most_words = 200;

constexpr std::array<std::string_view, 10> attributes{
    "criticality", "exposed",  "owner", "owners", "window",
    "location",    "function", "image", "tags",   "groups"};

constexpr std::array<std::string_view, 28> connection_variables{"ansible_host",
                                                                "ansible_ssh_host",
                                                                "ansible_port",
                                                                "ansible_ssh_port",
                                                                "ansible_user",
                                                                "ansible_ssh_user",
                                                                "ansible_connection",
                                                                "ansible_become",
                                                                "ansible_become_method",
                                                                "ansible_become_user",
                                                                "ansible_become_exe",
                                                                "ansible_become_flags",
                                                                "ansible_ssh_common_args",
                                                                "ansible_ssh_extra_args",
                                                                "ansible_ssh_executable",
                                                                "ansible_ssh_timeout",
                                                                "ansible_ssh_retries",
                                                                "ansible_ssh_pipelining",
                                                                "ansible_pipelining",
                                                                "ansible_timeout",
                                                                "ansible_private_key_file",
                                                                "ansible_ssh_private_key_file",
                                                                "ansible_ssh_host_key_checking",
                                                                "ansible_host_key_checking",
                                                                "ansible_python_interpreter",
                                                                "ansible_shell_type",
                                                                "ansible_shell_executable",
                                                                "ansible_remote_tmp"};

bool plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

/// A scalar as text; nullopt for anything else.
std::optional<std::string> text_of(const Json& value) {
    if (value.is_string()) return std::string(trimmed(value.get_ref<const std::string&>()));
    if (value.is_number() || value.is_boolean()) return value.dump();
    if (value.is_null()) return std::string();
    return std::nullopt;
}

/// nullopt: not a list of words.
std::optional<std::vector<std::string>> words_of(const Json& value) {
    std::vector<std::string> words;
    if (value.is_array()) {
        for (const Json& item : value) {
            const auto word = text_of(item);
            if (!word) return std::nullopt;
            words.push_back(*word);
        }
    } else if (const auto text = text_of(value)) {
        for (std::size_t from = 0; from <= text->size();) {
            const std::size_t to = std::min(text->find_first_of(",;", from), text->size());
            words.emplace_back(trimmed(std::string_view(*text).substr(from, to - from)));
            from = to + 1;
        }
    } else {
        return std::nullopt;
    }
    std::erase(words, "");
    return words;
}

std::string set_words(std::vector<std::string>& list, const Json& value,
                      bool (*valid)(std::string_view), const std::string& what) {
    const auto words = words_of(value);
    if (!words) return "must be a list of words, or text with commas";
    if (words->size() > most_words) return "are more than " + std::to_string(most_words);
    for (const std::string& word : *words)
        if (!valid(word)) return "'" + word.substr(0, longest_text) + "' cannot be " + what;
    list.insert(list.end(), words->begin(), words->end());
    tidy(list);
    return {};
}

std::string set_text(std::string& field, const Json& value) {
    const auto text = text_of(value);
    if (!text) return "must be text";
    if (text->size() > longest_text || !plain(*text))
        return "must be one line of at most " + std::to_string(longest_text) + " bytes";
    field = *text;
    return {};
}

std::string set_window(std::string& field, const Json& value, const std::set<std::string>& known) {
    std::string window;
    if (const std::string wrong = set_text(window, value); !wrong.empty()) return wrong;
    if (window.empty() || known.contains(window)) {
        field = window;
        return {};
    }
    const std::string meant =
        nearest_word(window, std::vector<std::string>(known.begin(), known.end()));
    return "there is no window '" + window + "'" +
           (meant.empty() ? " (see: patchlab inventory window list)"
                          : "; did you mean '" + meant + "'?");
}

std::string set_criticality(Host& host, const Json& value) {
    const auto word = text_of(value);
    if (!word || word->empty()) return word ? "" : "must be text";
    host.criticality = assessment::criticality_from(*word);
    return host.criticality
               ? ""
               : "'" + word->substr(0, longest_text) +
                     "' is none of mission-critical, business-critical and business-operational";
}

std::string set_exposed(Host& host, const Json& value) {
    const auto word = text_of(value);
    if (!word || word->empty()) return word ? "" : "must be text";
    host.exposed = assessment::exposed_from(*word);
    return host.exposed ? ""
                        : "'" + word->substr(0, longest_text) +
                              "' is none of internet, internal and isolated";
}

bool valid_word(std::string_view text) { return text.size() <= longest_text && plain(text); }

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> endings) {
    return std::any_of(endings.begin(), endings.end(),
                       [&](std::string_view ending) { return text.ends_with(ending); });
}

}  // namespace

bool is_attribute(std::string_view word) {
    return std::find(attributes.begin(), attributes.end(), word) != attributes.end();
}

std::string set_attribute(Host& host, std::string_view word, const Json& value,
                          const KnownNames& known) {
    if (word == "criticality") return set_criticality(host, value);
    if (word == "exposed") return set_exposed(host, value);
    if (word == "owner" || word == "owners")
        return set_words(host.owners, value, valid_word, "an owner");
    if (word == "tags") return set_words(host.tags, value, valid_word, "a tag");
    if (word == "groups")
        return set_words(host.groups, value, valid_group_name, "the name of a group");
    if (word == "window") return set_window(host.window, value, known.windows);
    if (word == "location") return set_text(host.location, value);
    if (word == "function") return set_text(host.function, value);
    if (word == "image") return set_text(host.image, value);
    return "is not known";
}

VariableKind kind_of_variable(std::string_view name) {
    if (std::find(connection_variables.begin(), connection_variables.end(), name) !=
        connection_variables.end())
        return VariableKind::connection;
    if (name.starts_with("ansible_") && ends_with_any(name, {"_pass", "_password", "_passphrase",
                                                             "_private_key", "_secret", "_token"}))
        return VariableKind::secret;
    return VariableKind::other;
}

std::string set_variable(Host& host, const std::string& name, const Json& value) {
    if (value.is_null() || value == "") return {};
    if (value.is_object() && value.contains("__ansible_vault"))
        return "is encrypted: patchlab keeps no secrets";
    if (!value.is_primitive()) return "must be text, a number, true or false";
    if (value.is_string()) {
        const std::string& text = value.get_ref<const std::string&>();
        if (text.size() > 1000 || !plain(text)) return "must be one line of at most 1000 bytes";
        // a template runs code on this host when Ansible reads it, and the variables it speaks of
        // are not kept
        if (text.find("{{") != std::string::npos || text.find("{%") != std::string::npos)
            return "is a template: write the value itself";
    }
    host.variables[name] = value;
    return {};
}

std::string secret_advice() {
    return "patchlab keeps no passwords: let hosts be reached with SSH keys (an agent, or "
           "ansible_ssh_private_key_file), and become "
           "without a password";
}

std::string settle(Host& host) {
    tidy(host.groups);
    if (host.criticality) return {};
    for (const std::string& group : host.groups) {
        const auto said = assessment::criticality_from(group);
        if (!said) continue;
        if (host.criticality && *host.criticality != *said)
            return "is in groups of different criticality (" +
                   std::string(name(*host.criticality)) + ", " + std::string(name(*said)) +
                   "): say which with patchlab_criticality";
        host.criticality = said;
    }
    return {};
}

}  // namespace patchlab::inventory
