// SPDX-License-Identifier: Apache-2.0
//
// The state of one thing at one moment: a file on the disk, or what a live fact says. A state is
// taken apart once, where it comes in; whoever judges a change asks its members. to_text() makes
// the text of documents, reports and reasons from it; nobody reads that text back. Much of a state
// is under the guest's control (names of files and attributes, titles of programs), so a search in
// the text would find what the guest wants found. Values; thread-safe as such.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "platform/disk/overlay/changes.hpp"
#include "snapshots/subject.hpp"

namespace patchlab::snapshots {

enum class FileType {
    file,
    directory,
    symlink,
    character_device,
    block_device,
    fifo,
    socket,
    unknown
};

/// What is compared of a file. Times, the number of links and the size of a folder are not.
struct FileState {
    FileType type = FileType::file;
    std::uint32_t mode = 0;  ///< permission bits with setuid, setgid, sticky; 0 for a symlink
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::string flags{};  ///< "immutable", "append-only" or both with a comma
    std::map<std::string, std::string> xattrs{};  ///< name → value as hex
    std::string leads_to{};  ///< the target of a symlink, "major:minor" of a device
    std::uint64_t size = 0;  ///< of a regular file
    std::string sha256{};    ///< of a regular file

    bool operator==(const FileState&) const = default;
};

FileState file_state(const disk::FileState& state);

/// All but the content of a regular file is equal: type, mode, owner, flags, extended attributes,
/// target. Of access lists the rights count that they give.
bool same_attributes(const FileState& left, const FileState& right);
/// An access list, in hexadecimal digits as ext4 keeps it, without the rights that its mask takes
/// away: two lists that give the same rights are equal then. What is no such list is given back as
/// it is.
std::string effective_access(const std::string& hex);
/// "0644", with setuid, setgid and sticky.
std::string mode_text(std::uint32_t mode);
/// A regular file that somebody may execute.
bool is_executable(const FileState& state);
/// A regular file or directory (without the sticky bit) that everybody may write.
bool is_world_writable(const FileState& state);
/// Immutable or append-only: the next update, or the backout, fails on it.
bool is_locked(const FileState& state);
bool is_device(const FileState& state);
/// A regular file that holds nothing.
bool is_empty_file(const FileState& state);

enum class PackageStatus {
    config_files,  ///< removed but for its configuration
    half_installed,
    unpacked,
    half_configured,
    triggers_awaited,
    triggers_pending,
    installed
};

struct PackageState {
    std::string version;
    PackageStatus status = PackageStatus::installed;
    bool hold = false;
    bool automatic = false;  ///< came for another package's sake, and may go with it
    std::string error{};     ///< the package manager's error flag ("reinstreq"); empty: none

    bool operator==(const PackageState&) const = default;
};

/// Of a service, socket, path or timer unit.
struct UnitState {
    std::string enabled = "absent";   ///< "enabled", "disabled", "masked-runtime", …
    std::string active = "inactive";  ///< "active", "failed", …
    std::string starts{};  ///< "boot", "login", "event": by itself, then; empty: when asked to

    bool operator==(const UnitState&) const = default;
};

/// Settings of one kind with which systemd runs a unit, from its file and all that amends it:
/// ("User", "www-data"), …; of a setting with several values they are joined by " ;; ".
struct UnitSettings {
    std::vector<std::pair<std::string, std::string>> settings;
    bool operator==(const UnitSettings&) const = default;
};

/// A program that has a port open.
struct PortOwner {
    std::string program;  ///< its file name
    std::string unit{};   ///< where it says more than the program: a service, scope or socket

    bool operator==(const PortOwner&) const = default;
};
struct PortState {
    std::vector<PortOwner> owners;
    std::string access{};  ///< "0660 root:adm" of a socket with a file
    bool operator==(const PortState&) const = default;
};

/// How many processes of a kind run.
struct ProcessCount {
    long count = 0;
    bool operator==(const ProcessCount&) const = default;
};

/// What processes were given other than the usual ("nice 5", "no new privileges"): the terms of
/// each group of processes that differs from the others.
struct ProcessTerms {
    std::vector<std::vector<std::string>> groups;
    bool operator==(const ProcessTerms&) const = default;
};

/// "auto -> /usr/bin/vim.tiny"
struct AlternativeState {
    std::string mode;
    std::string target;
    bool operator==(const AlternativeState&) const = default;
};

/// "to /usr/bin/ssh.real by acme"
struct DiversionState {
    std::string to;
    std::string package;
    bool operator==(const DiversionState&) const = default;
};

/// Programs of the same name that nobody finds any more, because this one stands before them in
/// the path.
struct HiddenPrograms {
    std::vector<std::string> paths;
    bool operator==(const HiddenPrograms&) const = default;
};

/// The files that the loader finds for the name of a library, in its order.
struct LibraryFiles {
    std::vector<std::string> paths;
    bool operator==(const LibraryFiles&) const = default;
};

/// How much a log that is no text holds: "1234 entries since 2026-11-30 06:00:05".
struct LogExtent {
    long entries = 0;
    std::string since{};  ///< of the oldest entry; empty where that is not told

    bool operator==(const LogExtent&) const = default;
};

struct Unreadable {
    std::string why;
    bool operator==(const Unreadable&) const = default;
};

/// A value that is compared and shown as a whole.
struct PlainState {
    std::string text;
    bool operator==(const PlainState&) const = default;
};

using State = std::variant<PlainState, FileState, PackageState, UnitState, UnitSettings, PortState,
                           ProcessCount, ProcessTerms, AlternativeState, DiversionState,
                           HiddenPrograms, LibraryFiles, LogExtent, Unreadable>;

/// The state that a fact of a capture gives. What is not written as its kind is written stays
/// plain, so that to_text() always gives the fact's own value.
State fact_state(ChangeClass cls, const Subject& subject, const std::string& value);

/// "file mode=0644 owner=0:0 size=12 sha256=…", "1.22-9 installed hold", "enabled/active". For
/// people and documents only.
std::string to_text(const State& state);

/// The state when it is of that kind, else null.
template <typename Kind>
const Kind* state_as(const std::optional<State>& state) {
    return state ? std::get_if<Kind>(&*state) : nullptr;
}

}  // namespace patchlab::snapshots
