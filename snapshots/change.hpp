// SPDX-License-Identifier: Apache-2.0
//
// One change of one machine: what is other than it was, and who accounts for it. Values;
// thread-safe as such.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/core/json_fwd.hpp"
#include "snapshots/capture.hpp"
#include "snapshots/state.hpp"
#include "snapshots/subject.hpp"

namespace patchlab::snapshots {

enum class ChangeKind { added, removed, changed, unreadable };
std::string_view name(ChangeKind kind);

/// Who accounts for a change: a package of the patch, the unpatched control (it changed the same:
/// noise), or nobody. A package may have any name, "noise" as well.
class Attribution {
  public:
    Attribution() = default;  ///< unexplained
    static Attribution noise() { return {Kind::noise, ""}; }
    static Attribution by(std::string package) { return {Kind::package, std::move(package)}; }

    bool is_unexplained() const { return kind_ == Kind::unexplained; }
    bool is_noise() const { return kind_ == Kind::noise; }
    /// Empty unless a package of the patch accounts for the change.
    const std::string& package() const { return package_; }

    /// As documents have it: "unexplained", "noise", or the name of the package; a package whose
    /// name could be taken for something else is written "package:noise".
    std::string to_text() const;
    /// The attribution of which to_text() gave this text.
    static Attribution from_text(std::string_view text);

    bool operator==(const Attribution&) const = default;

  private:
    enum class Kind { unexplained, noise, package };
    Attribution(Kind kind, std::string package) : kind_(kind), package_(std::move(package)) {}

    Kind kind_ = Kind::unexplained;
    std::string package_;
};

struct Change {
    std::string machine;
    ChangeClass cls = ChangeClass::file;
    std::string subject;  ///< for people and documents; rules ask `about`
    Subject about{};
    ChangeKind kind = ChangeKind::changed;
    std::optional<State> before{};
    std::optional<State> after{};
    Attribution attribution{};
    std::string
        why{};  ///< "shipped by nginx-common", "ld.so.cache is rebuilt by libc-bin's trigger"
    bool sensitive = false;  ///< of a class that is never waved through because a package ships it
    bool across_boots = false;  ///< of a fact: the machine was started anew between the two moments
    bool lasting = true;    ///< explained, and to be undone when the packages are back; false for
                            ///< books, logs, caches and state that programs keep
    std::string concern{};  ///< what makes it sensitive, where that is not plain from its class:
                            ///< "removes /etc/nginx/x at each start"
    std::vector<std::string>
        merged{};  ///< files whose own changes this fact tells, too (merge_files_into_facts)
    bool rewritten =
        false;  ///< a file with another content that does not begin with all that it held before

    /// Found on the disk: the subject is a path. Else it is a changed fact.
    bool is_of_file() const { return std::holds_alternative<DiskFile>(about); }
    const FileState* file_before() const { return state_as<FileState>(before); }
    const FileState* file_after() const { return state_as<FileState>(after); }
    /// The files that it is about: the one compared on the disk, the one in which the fact stands,
    /// those that were merged into it.
    std::vector<std::string> files() const;
    /// As it is now, or as it was when it is gone; null for a fact.
    const FileState* file() const { return after ? file_after() : file_before(); }
};

/// What differs between before and after: "content, 25 bytes (30 before)", "mode 0666 (0644
/// before)", "1.0 → 1.1", "a file of 25 bytes, mode 0644" where there is one side alone. For people
/// and documents only, as is event_text(); nobody reads them back.
std::string difference_text(const Change& change);
/// What happened, as a clause: "new file /etc/nginx/conf.d/x.conf (25 bytes), from libssl3",
/// "port tcp/80 is gone".
std::string event_text(const Change& change);

/// As run.json lists it (docs/formats/run.md).
Json to_json(const Change& change);

}  // namespace patchlab::snapshots
