// SPDX-License-Identifier: Apache-2.0
#include "snapshots/contents.hpp"

#include <algorithm>
#include <array>

#include "platform/core/json.hpp"
#include "platform/core/text_units.hpp"
#include "snapshots/paths.hpp"
#include "snapshots/redact.hpp"

namespace patchlab::snapshots {
namespace {

constexpr std::string_view contents_schema = "patchlab/contents/v1";
constexpr std::size_t most_files = 2000;

/// Definitions that programs read below /usr and /var: each is for everybody to read, whatever its
/// mode says. "*" stands for the rest.
constexpr std::array definition_places{"/etc/systemd/*",
                                       "/etc/sudoers",
                                       "/etc/sudoers.d/*",
                                       "/etc/polkit-1/*",
                                       "/etc/cron*",
                                       "/etc/udev/*",
                                       "/etc/dbus-1/*",
                                       "/etc/pam.d/*",
                                       "/etc/sysctl.d/*",
                                       "/var/spool/cron/*",
                                       "/usr/lib/systemd/*",
                                       "/lib/systemd/*",
                                       "/usr/lib/sysusers.d/*",
                                       "/usr/lib/tmpfiles.d/*",
                                       "/usr/lib/udev/*",
                                       "/lib/udev/*",
                                       "/usr/lib/sysctl.d/*",
                                       "/usr/lib/modules-load.d/*",
                                       "/usr/lib/modprobe.d/*",
                                       "/lib/modprobe.d/*",
                                       "/usr/lib/binfmt.d/*",
                                       "/usr/lib/environment.d/*",
                                       "/usr/lib/kernel/*",
                                       "/usr/lib/pam.d/*",
                                       "/usr/lib/NetworkManager/*",
                                       "/usr/lib/networkd-dispatcher/*",
                                       "/usr/share/dbus-1/*",
                                       "/usr/share/polkit-1/*",
                                       "/usr/share/pam-configs/*",
                                       "/usr/share/initramfs-tools/*",
                                       "/usr/local/lib/systemd/*",
                                       "/usr/local/share/dbus-1/*"};

constexpr std::array script_names{"preinst", "postinst", "prerm", "postrm", "config"};

/// What is a secret as a whole, wherever its mode lets people look.
bool is_secret_file(std::string_view path) {
    constexpr std::array folders{"/etc/ssl/private/", "/etc/pki/tls/private/",
                                 "/etc/letsencrypt/", "/etc/credstore",
                                 "/etc/wireguard/",   "/etc/ipsec.d/private/"};
    constexpr std::array files{"/etc/shadow", "/etc/gshadow", "/etc/opasswd",
                               "/etc/security/opasswd"};
    const auto begins = [&](std::string_view folder) { return path.starts_with(folder); };
    std::string_view name = file_name(path);
    const bool host_key = name.starts_with("ssh_host_") && name.ends_with("_key");
    return host_key || path.ends_with(".key") || path.ends_with(".keytab") ||
           std::any_of(folders.begin(), folders.end(), begins) ||
           std::any_of(files.begin(), files.end(), [&](std::string_view file) {
               return path.starts_with(file) && path.size() <= file.size() + 1;  // "shadow-"
           });
}

bool is_definition(std::string_view path) {
    static const disk::TextWanted places{{definition_places.begin(), definition_places.end()}};
    return places.covers(path);
}

/// Why no text of it is kept; empty when there is one.
std::string why_not(const disk::FileChange& change) {
    if (is_secret_file(change.path)) return "it holds secrets";
    const bool kept = change.text_before || change.text_after;
    for (const auto* state : {&change.before, &change.after}) {
        if (!*state || (*state)->type != 'f') continue;
        if (((*state)->mode & 04U) == 0 && !is_definition(change.path))
            return "not everybody may read it";
        if ((*state)->size > disk::TextWanted::longest)
            return "it is larger than " + size_text(disk::TextWanted::longest);
    }
    return kept ? "" : "it is no text, or there was too much of it";
}

bool content_differs(const disk::FileChange& change) {
    const auto is_file = [](const auto& state) { return state && state->type == 'f'; };
    if (!is_file(change.before) && !is_file(change.after)) return false;
    return !change.before || !change.after || change.before->content != change.after->content;
}

Json text_json(const std::optional<std::string>& text) {
    if (!text) return nullptr;
    const Redacted redacted = redact(*text);
    return {{"text", redacted.text}, {"redacted", redacted.count}};
}

}  // namespace

std::vector<std::string> texts_to_keep(const AttributionRules& rules) {
    std::vector<std::string> patterns{"/etc/*", "/usr/local/etc/*"};
    patterns.insert(patterns.end(), definition_places.begin(), definition_places.end());
    if (!rules.records.empty())
        for (const char* script : script_names) patterns.push_back(rules.records + "/*." + script);
    return patterns;
}

Json contents_document(const std::vector<disk::FileChange>& changes,
                       const AttributionRules& rules) {
    const disk::TextWanted wanted{texts_to_keep(rules)};
    Json files = Json::array();
    for (const disk::FileChange& change : changes) {
        if (change.kind == disk::FileChangeKind::unreadable || !content_differs(change) ||
            !wanted.covers(change.path) || files.size() >= most_files)
            continue;
        const std::string reason = why_not(change);
        const bool kept = reason.empty();
        files.push_back({{"path", change.path},
                         {"before", kept ? text_json(change.text_before) : Json(nullptr)},
                         {"after", kept ? text_json(change.text_after) : Json(nullptr)},
                         {"not_kept", kept ? Json(nullptr) : Json(reason)}});
    }
    return {{"schema", contents_schema}, {"kept", true}, {"files", std::move(files)}};
}

Json no_contents_document() {
    return {{"schema", contents_schema}, {"kept", false}, {"files", Json::array()}};
}

}  // namespace patchlab::snapshots
