// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/deb/apt_output.hpp"

#include <algorithm>

#include "orchestrator/families/deb/control.hpp"
#include "orchestrator/families/deb/family.hpp"
#include "platform/core/files.hpp"

namespace patchlab::families::deb {

namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

std::string unescaped(std::string_view text) {
    std::string out;
    const auto hex = [](char c) {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 &&
            hex(text[i + 2]) >= 0) {
            out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}
bool begins(std::string_view text, std::string_view start) {
    return text.substr(0, start.size()) == start;
}

}  // namespace

std::vector<IndexTarget> parse_index_targets(std::string_view text) {
    std::vector<IndexTarget> targets;
    for (const std::string_view line : split(text, '\n')) {
        const auto fields = split(line, '|');
        if (fields.size() != 7) continue;
        IndexTarget target;
        target.file = std::string(fields[0]);
        target.origin = fields[1];
        target.codename = fields[2].empty() ? fields[3] : fields[2];
        target.trusted = fields[4] == "yes";
        target.site = fields[5];
        target.meta_key = fields[6];
        targets.push_back(std::move(target));
    }
    return targets;
}

bool is_not_automatic(const IndexTarget& target, const fs::path& lists) {
    // apt names its list files after the URI with '/' as '_': the Release file has the same name up
    // to the index's own key.
    std::string key = target.meta_key;
    std::replace(key.begin(), key.end(), '/', '_');
    const std::string name = target.file.filename().string();
    const auto at = name.rfind(key);
    if (at == std::string::npos) return false;
    for (const char* release : {"InRelease", "Release"}) {
        const auto text = read_file_if_any(lists / (name.substr(0, at) + release), 64U << 20);
        if (!text) continue;
        for (const std::string_view line : split(*text, '\n'))
            if (begins(line, "NotAutomatic:")) return has(line, "yes");
        return false;
    }
    return false;
}

std::vector<PlannedFile> parse_print_uris(std::string_view text) {
    std::vector<PlannedFile> files;
    for (std::string_view line : split(text, '\n')) {
        if (line.empty() || line[0] != '\'') continue;
        const auto quote = line.find("' ", 1);
        if (quote == std::string_view::npos) continue;
        const auto words = split(line.substr(quote + 2), ' ');
        const std::string name(words[0]);
        constexpr std::string_view ending = ".deb";
        const auto parts = split(
            std::string_view(name).substr(0, name.size() - std::min(name.size(), ending.size())),
            '_');
        PlannedFile file;
        if (parts.size() == 3) {
            file.name = unescaped(parts[0]);
            file.version = unescaped(parts[1]);
            file.architecture = unescaped(parts[2]);
        }
        if (!valid_package_name(file.name) || !valid_version(file.version) ||
            !valid_architecture(file.architecture))
            throw Error(ErrorCode::lab,
                        "apt plans a file of a strange name: " + name.substr(0, 120));
        if (words.size() > 2 && begins(words[2], "SHA256:")) file.sha256 = words[2].substr(7);
        files.push_back(std::move(file));
    }
    return files;
}

std::string apt_file_name(std::string_view name, std::string_view version,
                          std::string_view architecture) {
    std::string file(name);
    file += "_";
    for (const char c : version) c == ':' ? file += "%3a" : file += c;
    return file + "_" + std::string(architecture) + ".deb";
}

std::string fetch_settings(std::string_view dump) {
    static constexpr std::string_view kept[] = {
        "Acquire::http::",         "Acquire::https::",        "Acquire::ftp::",
        "Acquire::Retries",        "Acquire::ForceIPv",       "Acquire::Check-Valid-Until",
        "Acquire::Check-Date",     "Acquire::Max-Valid-Time", "Acquire::Min-Valid-Time",
        "Acquire::Max-FutureTime", "Dir::Etc::netrc",         "Dir::Etc::trusted"};
    std::string out;
    for (const std::string_view line : split(dump, '\n')) {
        const bool wanted =
            std::any_of(std::begin(kept), std::end(kept),
                        [&](std::string_view prefix) { return begins(line, prefix); });
        // A value that holds a quote cannot be written back in this format.
        if (!wanted || std::count(line.begin(), line.end(), '"') != 2 || line.size() < 2 ||
            line.substr(line.size() - 2) != "\";")
            continue;
        if (has(line, " \"\";")) continue;
        out.append(line).append("\n");
    }
    return out;
}

std::string apt_reason(std::string_view err, std::string_view out) {
    std::string reason;
    // "Depends:" lines tell which prerequisite is missing; apt prints them with the solution, on
    // stdout.
    for (const std::string_view text : {out, err}) {
        bool removed = false;
        for (std::string_view line : split(text, '\n')) {
            const auto first = line.find_first_not_of(' ');
            if (first == std::string_view::npos) continue;
            removed = removed && first > 0;
            if (removed) reason += " " + std::string(line.substr(first));
            if (has(line, "will be REMOVED:")) {
                removed = true;
                reason += std::string(reason.empty() ? "" : "; ") + "it would remove";
            }
            const bool relation =
                has(line, "Depends: ") || has(line, "Breaks: ") || has(line, "Conflicts: ");
            line.remove_prefix(first);
            if (!begins(line, "E: ") && !relation) continue;
            if (begins(line, "E: ")) line.remove_prefix(3);
            if (!reason.empty()) reason += "; ";
            reason += line;
        }
    }
    if (reason.empty()) reason = "apt gave no reason";
    return reason.substr(0, 1000);
}

Error update_error(std::string_view err) {
    const std::string reason = apt_reason(err);
    const auto any = [&](std::initializer_list<std::string_view> words) {
        return std::any_of(words.begin(), words.end(),
                           [&](std::string_view word) { return has(err, word); });
    };
    if (any({"is not signed", "no longer signed", "does not have a Release file"}))
        return Error(
            ErrorCode::refused, "a package source is not signed: " + reason,
            "only signed repositories are taken; single files: patchlab patch add FILE.deb");
    if (any({"NO_PUBKEY", "signatures couldn't be verified", "signatures were invalid", "BADSIG",
             "EXPKEYSIG", "REVKEYSIG", "Clearsigned file", "gpgv"}))
        return Error(ErrorCode::refused,
                     "the signature of a package source cannot be verified: " + reason,
                     "install its current archive key and name it with Signed-By");
    if (any({"is expired", "not valid yet"}))
        return Error(ErrorCode::refused, "a package source is out of date: " + reason,
                     "check the clock of this host; for a frozen mirror set "
                     "Acquire::Check-Valid-Until \"false\" in the host's apt configuration");
    if (any({"Hash Sum mismatch", "unexpected size", "Weak hash"}))
        return Error(
            ErrorCode::refused,
            "a file of a package source is not what its signed Release says: " + reason,
            "the mirror is being updated or tampered with: try again later, or use another mirror");
    return Error(ErrorCode::lab, "apt cannot read the package sources: " + reason,
                 "check the network, the proxy and the package sources of this host");
}

}  // namespace patchlab::families::deb
