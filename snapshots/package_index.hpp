// SPDX-License-Identifier: Apache-2.0
//
// The packages of a patch, indexed by what their own archives say: which paths they ship and
// shipped, units, programs, maintainer scripts. Holds pointers into the packages and the rules it
// was made from (the registries among them), which must outlive it. Read-only after construction;
// thread-safe as such.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "snapshots/compare.hpp"
#include "snapshots/declarations.hpp"
#include "snapshots/registries.hpp"
#include "snapshots/rules.hpp"

namespace patchlab::snapshots {

/// How the packages of the patch relate to one path.
struct Ownership {
    const PatchedPackage* now = nullptr;     ///< ships it in the new version
    const PatchedPackage* before = nullptr;  ///< shipped it in the old version
    /// Either of them, the one of now first; null when neither.
    const PatchedPackage* package() const { return now != nullptr ? now : before; }
    bool conffile = false;
    bool regular = false;      ///< the new version ships a regular file there, of known content
    bool was_regular = false;  ///< so did the old one
    std::vector<std::string>
        contents{};  ///< sha256 of what the packages' archives hold there, new and old
};

class PackageIndex {
  public:
    PackageIndex(const std::vector<PatchedPackage>& packages, const AttributionRules& rules,
                 const Registries& registries);
    const AttributionRules& rules() const { return rules_; }
    const Registries& registries() const { return registries_; }
    const std::vector<PatchedPackage>& all() const { return packages_; }

    /// Null members when no package of the patch has anything to do with the path. Either form of a
    /// merged /usr path will do. Valid as long as the index.
    const Ownership& owner(std::string_view path) const;
    /// The package that ships something below `folder` now or did before, or null.
    const PatchedPackage* owner_of_folder(std::string_view folder) const;
    /// The package that ships the unit now or did before ("nginx.service"; instances by their
    /// template), or null.
    const PatchedPackage* owner_of_unit(std::string_view unit) const;
    /// The package that ships a program of that file name, or null.
    const PatchedPackage* owner_of_program(std::string_view file_name) const;
    /// The first package for which the rule's need holds, or null.
    const PatchedPackage* satisfying(Need need, std::string_view detail) const;
    /// The first package whose maintainer scripts name `word` (not as a part of a longer name), or
    /// null.
    const PatchedPackage* script_naming(std::string_view word) const;
    /// The package called `name`, or null.
    const PatchedPackage* by_name(std::string_view name) const;
    /// The package whose data a folder called `name` in /var/lib or /var/log is: its name or
    /// source, with or without a version number at the end (postgresql-15 → postgresql). Only
    /// packages that ship a program count.
    const PatchedPackage* by_stem(std::string_view name) const;
    /// The package that ships `path` or something below it, now or before, or null.
    const PatchedPackage* ships_at(std::string_view path) const;
    /// The package whose path it is: shipped, a folder of what is shipped, asked for in tmpfiles.d,
    /// or below its own folder of state or configuration. Null when it is not known to be one's.
    const PatchedPackage* whose(std::string_view path) const;
    /// The package that a line of tmpfiles.d makes the path for, and the line; null without one.
    std::pair<const PatchedPackage*, const DeclaredPath*> declared(std::string_view path) const;
    /// The package whose sysusers.d asks for a user or group of that name, or null.
    const PatchedPackage* declaring_account(std::string_view account) const;
    /// Whether the package ships such a content anywhere, and whether its old version did.
    static bool gives(const PatchedPackage& package, std::string_view sha256);
    static bool gave_before(const PatchedPackage& package, std::string_view sha256);
    /// Whether the old version of `package` had files below `folder`.
    static bool had_files_below(const PatchedPackage& package, std::string_view folder);
    const PatchedPackage* first() const { return packages_.empty() ? nullptr : &packages_.front(); }

  private:
    void add(const PatchedPackage& package, const std::string& path, bool is_new);

    const std::vector<PatchedPackage>& packages_;
    const AttributionRules& rules_;
    const Registries& registries_;
    std::unordered_map<std::string, Ownership> paths_;
    std::unordered_map<std::string, const PatchedPackage*> folders_;
    std::unordered_map<std::string, const PatchedPackage*> units_;
    std::unordered_map<std::string, const PatchedPackage*> programs_;
    std::map<std::string, const PatchedPackage*, std::less<>> stems_;
    std::map<std::string, std::pair<const PatchedPackage*, DeclaredPath>> declared_;
    std::map<std::string, const PatchedPackage*, std::less<>> accounts_;
};

/// A path as a package's archive lists it ("./usr/bin/", "usr/bin") in its form under /usr.
std::string packaged_path(std::string_view listed);
/// "postgresql-15" → "postgresql", "python3.11" → "python": without the version at the end.
std::string_view version_stem(std::string_view name);

/// Whether `text` has `word` standing by itself: not within a longer name.
bool names_word(std::string_view text, std::string_view word);

}  // namespace patchlab::snapshots
