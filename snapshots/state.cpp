// SPDX-License-Identifier: Apache-2.0
#include "snapshots/state.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <tuple>
#include <utility>

namespace patchlab::snapshots {
namespace {

struct TypeName {
    char letter;
    FileType type;
    std::string_view word;
};

constexpr std::array type_names{
    TypeName{'f', FileType::file, "file"},
    TypeName{'d', FileType::directory, "directory"},
    TypeName{'l', FileType::symlink, "symlink"},
    TypeName{'c', FileType::character_device, "character-device"},
    TypeName{'b', FileType::block_device, "block-device"},
    TypeName{'p', FileType::fifo, "fifo"},
    TypeName{'s', FileType::socket, "socket"},
};

FileType type_of(char letter) {
    for (const TypeName& name : type_names) {
        if (name.letter == letter) return name.type;
    }
    return FileType::unknown;
}

std::string_view word_of(FileType type) {
    for (const TypeName& name : type_names) {
        if (name.type == type) return name.word;
    }
    return "unknown";
}

/// In words that the families of packages share.
constexpr std::array status_names{
    std::pair{PackageStatus::config_files, std::string_view("config-files")},
    std::pair{PackageStatus::half_installed, std::string_view("half-installed")},
    std::pair{PackageStatus::unpacked, std::string_view("unpacked")},
    std::pair{PackageStatus::half_configured, std::string_view("half-configured")},
    std::pair{PackageStatus::triggers_awaited, std::string_view("triggers-awaited")},
    std::pair{PackageStatus::triggers_pending, std::string_view("triggers-pending")},
    std::pair{PackageStatus::installed, std::string_view("installed")},
};

std::string_view word_of(PackageStatus status) {
    for (const auto& [known, word] : status_names) {
        if (known == status) return word;
    }
    return "unknown";
}

std::vector<std::string> split(std::string_view text, std::string_view mark) {
    std::vector<std::string> parts;
    while (true) {
        const std::size_t at = text.find(mark);
        parts.emplace_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + mark.size());
    }
}

std::string joined(const std::vector<std::string>& parts, std::string_view mark) {
    std::string text;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) text += mark;
        text += parts[i];
    }
    return text;
}

// Each reader takes a value apart; fact_state() checks that nothing was lost.

State read_package(const std::string& value) {
    const auto words = split(value, " ");
    PackageState state{words.front()};
    std::size_t next = 1;
    for (const auto& [status, word] : status_names) {
        if (words.size() <= next || words[next] != word) continue;
        state.status = status;
        ++next;
        break;
    }
    if (next == 1) return PlainState{value};
    if (words.size() > next && words[next] == "hold") {
        state.hold = true;
        ++next;
    }
    if (words.size() > next && words[next] == "automatic") {
        state.automatic = true;
        ++next;
    }
    if (words.size() > next) state.error = words[next];
    return state;
}

/// A word of systemd, without the mark between the two.
bool is_unit_word(std::string_view text) {
    return !text.empty() &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string_view::npos;
}

State read_unit(const std::string& value) {
    const auto words = split(value, "/");
    const bool told =
        words.size() == 3 && (words[2] == "boot" || words[2] == "login" || words[2] == "event");
    if ((words.size() != 2 && !told) || !is_unit_word(words[0]) || !is_unit_word(words[1]))
        return PlainState{value};
    return UnitState{words[0], words[1], told ? words[2] : std::string()};
}

State read_settings(const std::string& value) {
    UnitSettings state;
    for (const std::string& setting : split(value, " | ")) {
        const std::size_t equals = setting.find('=');
        if (equals == std::string::npos) return PlainState{value};
        state.settings.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
    }
    return state;
}

bool is_unit_with_sockets(std::string_view name) {
    return is_unit_with_processes(name) || name.ends_with(".socket");
}

State read_port(const std::string& value) {
    constexpr std::string_view mark = " in ";
    constexpr std::string_view access = "; ";
    PortState state;
    const std::size_t end = value.rfind(access);
    if (end != std::string::npos) state.access = value.substr(end + access.size());
    for (const std::string& owner : split(value.substr(0, end), ", ")) {
        const std::size_t at = owner.rfind(mark);
        if (at != std::string::npos && is_unit_with_sockets(owner.substr(at + mark.size())))
            state.owners.push_back({owner.substr(0, at), owner.substr(at + mark.size())});
        else state.owners.push_back({owner});
    }
    return state;
}

State read_count(const std::string& value) {
    ProcessCount state;
    std::from_chars(value.data(), value.data() + value.size(), state.count);
    return state;
}

State read_terms(const std::string& value) {
    ProcessTerms state;
    for (const std::string& group : split(value, " | ")) state.groups.push_back(split(group, ", "));
    return state;
}

State read_alternative(const std::string& value) {
    constexpr std::string_view mark = " -> ";
    const std::size_t at = value.find(mark);
    if (at == std::string::npos) return PlainState{value};
    return AlternativeState{value.substr(0, at), value.substr(at + mark.size())};
}

State read_diversion(const std::string& value) {
    constexpr std::string_view to = "to ";
    constexpr std::string_view by = " by ";
    const std::size_t at = value.rfind(by);
    if (!value.starts_with(to) || at == std::string::npos || at < to.size())
        return PlainState{value};
    return DiversionState{value.substr(to.size(), at - to.size()), value.substr(at + by.size())};
}

State read_extent(const std::string& value) {
    constexpr std::string_view entries = " entries";
    constexpr std::string_view since = " since ";
    LogExtent state;
    const char* const end = value.data() + value.size();
    const auto [rest, problem] = std::from_chars(value.data(), end, state.entries);
    std::string_view text(rest, end);
    if (problem != std::errc() || !text.starts_with(entries)) return PlainState{value};
    text.remove_prefix(entries.size());
    if (text.starts_with(since)) state.since = text.substr(since.size());
    return state;
}

State read_hidden(const std::string& value) {
    constexpr std::string_view before = "before ";
    if (!value.starts_with(before)) return PlainState{value};
    return HiddenPrograms{split(std::string_view(value).substr(before.size()), " ")};
}

State read_fact(ChangeClass cls, const Subject& subject, const std::string& value) {
    const auto* file = std::get_if<FileFact>(&subject);
    switch (cls) {
        case ChangeClass::package: return read_package(value);
        case ChangeClass::unit:
        case ChangeClass::timer:
            if (std::holds_alternative<SettingsOf>(subject)) return read_settings(value);
            return file != nullptr ? PlainState{value} : read_unit(value);
        case ChangeClass::port: return read_port(value);
        case ChangeClass::process:
            if (std::holds_alternative<ServiceVariable>(subject)) return PlainState{value};
            return std::holds_alternative<TermsOf>(subject) ? read_terms(value) : read_count(value);
        case ChangeClass::library: return LibraryFiles{split(value, " ")};
        case ChangeClass::log: return read_extent(value);
        case ChangeClass::alternative:
            if (file == nullptr) return PlainState{value};
            if (file->line == "alternative") return read_alternative(value);
            if (file->line == "diversion") return read_diversion(value);
            return read_hidden(value);
        case ChangeClass::file:
        case ChangeClass::user:
        case ChangeClass::group:
        case ChangeClass::sudo:
        case ChangeClass::ssh_key:
        case ChangeClass::setuid:
        case ChangeClass::capability:
        case ChangeClass::sysctl:
        case ChangeClass::module:
        case ChangeClass::mount:
        case ChangeClass::cron:
        case ChangeClass::certificate:
        case ChangeClass::firewall:
        case ChangeClass::kernel:
        case ChangeClass::boot:
        case ChangeClass::apt_source:
        case ChangeClass::pam:
        case ChangeClass::preload:
        case ChangeClass::device:
        case ChangeClass::network: return PlainState{value};
    }
    return PlainState{value};
}

/// One text for each kind of state.
struct Writer {
    std::string operator()(const PlainState& state) const { return state.text; }

    std::string operator()(const FileState& state) const {
        std::string text(word_of(state.type));
        if (state.type != FileType::symlink) text += " mode=" + mode_text(state.mode);
        text += " owner=" + std::to_string(state.uid) + ":" + std::to_string(state.gid);
        if (!state.flags.empty()) text += " flags=" + state.flags;
        for (const auto& [attribute, value] : state.xattrs) text += " " + attribute + "=" + value;
        if (state.type == FileType::file)
            return text + " size=" + std::to_string(state.size) + " sha256=" + state.sha256;
        if (state.type == FileType::symlink) return text + " -> " + state.leads_to;
        if (!state.leads_to.empty()) text += " " + state.leads_to;
        return text;
    }

    std::string operator()(const PackageState& state) const {
        return state.version + " " + std::string(word_of(state.status)) +
               (state.hold ? " hold" : "") + (state.automatic ? " automatic" : "") +
               (state.error.empty() ? "" : " " + state.error);
    }

    std::string operator()(const UnitState& state) const {
        return state.enabled + "/" + state.active +
               (state.starts.empty() ? "" : "/" + state.starts);
    }

    std::string operator()(const UnitSettings& state) const {
        std::vector<std::string> settings;
        for (const auto& [key, value] : state.settings) settings.push_back(key + "=" + value);
        return joined(settings, " | ");
    }

    std::string operator()(const PortState& state) const {
        std::vector<std::string> owners;
        for (const PortOwner& owner : state.owners)
            owners.push_back(owner.unit.empty() ? owner.program
                                                : owner.program + " in " + owner.unit);
        return joined(owners, ", ") + (state.access.empty() ? "" : "; " + state.access);
    }

    std::string operator()(const ProcessCount& state) const { return std::to_string(state.count); }

    std::string operator()(const ProcessTerms& state) const {
        std::vector<std::string> groups;
        for (const auto& group : state.groups) groups.push_back(joined(group, ", "));
        return joined(groups, " | ");
    }

    std::string operator()(const AlternativeState& state) const {
        return state.mode + " -> " + state.target;
    }

    std::string operator()(const DiversionState& state) const {
        return "to " + state.to + " by " + state.package;
    }

    std::string operator()(const HiddenPrograms& state) const {
        return "before " + joined(state.paths, " ");
    }

    std::string operator()(const LibraryFiles& state) const { return joined(state.paths, " "); }

    std::string operator()(const LogExtent& state) const {
        return std::to_string(state.entries) + " entries" +
               (state.since.empty() ? "" : " since " + state.since);
    }

    std::string operator()(const Unreadable& state) const { return "unreadable: " + state.why; }
};

}  // namespace

bool is_empty_file(const FileState& state) {
    return state.type == FileType::file && state.size == 0;
}

FileState file_state(const disk::FileState& state) {
    FileState out;
    out.type = type_of(state.type);
    if (out.type != FileType::symlink) out.mode = state.mode & 07777U;
    out.uid = state.uid;
    out.gid = state.gid;
    out.flags = state.flags;
    out.xattrs = state.xattrs;
    if (out.type == FileType::file) {
        out.size = state.size;
        out.sha256 = state.content;
    } else {
        out.leads_to = state.content;
    }
    return out;
}

std::string mode_text(std::uint32_t mode) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%04o", mode & 07777U);
    return text.data();
}

bool same_attributes(const FileState& left, const FileState& right) {
    const auto attributes = [](const FileState& state) {
        return std::tie(state.type, state.mode, state.uid, state.gid, state.flags, state.leads_to);
    };
    const auto effective = [](std::map<std::string, std::string> xattrs) {
        for (const char* list : {"system.posix_acl_access", "system.posix_acl_default"})
            if (const auto found = xattrs.find(list); found != xattrs.end())
                found->second = effective_access(found->second);
        return xattrs;
    };
    return attributes(left) == attributes(right) &&
           (left.xattrs == right.xattrs || effective(left.xattrs) == effective(right.xattrs));
}

bool is_executable(const FileState& state) {
    return state.type == FileType::file && (state.mode & 0111U) != 0;
}

bool is_world_writable(const FileState& state) {
    const bool folder = state.type == FileType::directory && (state.mode & 01000U) == 0;
    return (folder || state.type == FileType::file) && (state.mode & 0002U) != 0;
}

bool is_locked(const FileState& state) { return !state.flags.empty(); }

bool is_device(const FileState& state) {
    return state.type == FileType::block_device || state.type == FileType::character_device;
}

State fact_state(ChangeClass cls, const Subject& subject, const std::string& value) {
    State state = read_fact(cls, subject, value);
    return to_text(state) == value ? state : PlainState{value};
}

std::string to_text(const State& state) { return std::visit(Writer{}, state); }

}  // namespace patchlab::snapshots
