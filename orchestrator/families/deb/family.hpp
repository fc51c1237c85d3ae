// SPDX-License-Identifier: Apache-2.0
//
// The family of Debian packages (dpkg installs, apt solves and fetches), and what the files of this
// folder offer each other: installer, repository, notes, package files, versions, pending updates.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/families/deb/apt_root.hpp"
#include "orchestrator/families/guest_installer.hpp"
#include "orchestrator/families/package_facts.hpp"
#include "orchestrator/families/package_family.hpp"
#include "orchestrator/families/repository.hpp"

namespace patchlab::families::deb {

const PackageFamily& deb_family();

// Installing Debian packages in a guest: apt-get from the patch disk, dpkg for proof and repair.

const GuestInstaller& deb_installer();

/// What the log of apt and dpkg says about a failure; GuestInstaller::failure_in().
std::string failure_in(std::string_view log);

// The repository that hosts with stock apt follow: dists/ and pool/ by aptly (docs/adr/0004),
// by-hash, signed as InRelease and Release.gpg; and the texts by which a host follows it.

inline constexpr const char* apt_component = "main";
inline constexpr const char* apt_origin = "patchlab";

const RepositoryWriter& apt_repository();

// What the packages of an update say of it: changelog, advisories, urgency, whether it needs a
// boot, which services it brings. Pure functions.

/// Whether read_deb() should keep a file's content for notes_of().
bool tells_about_update(std::string_view path);

/// The changelog is that of the source `source`, from whichever package has it (documentation
/// folders may be links to another package's).
VendorNotes notes_of(const std::vector<PackageContents>& packages, const std::string& source,
                     const std::string& from, const std::string& to);

// A .deb read from its bytes, without dpkg and without writing anything: the ar structure, the
// control data, the list of files, and the text of a few files that were asked for. A package is
// untrusted: sizes are capped, bombs, traversal and broken archives are refused. Thread safety:
// free functions.

/// Which files' contents to keep (each at most 4 MiB, all together 32 MiB; larger ones are left
/// out).
using WantedFile = std::function<bool(std::string_view path)>;

/// Reads the whole package, so that a truncated or corrupt one is found. Error(invalid) with the
/// reason.
PackageContents read_deb(std::string_view bytes, std::string_view where,
                         const WantedFile& wanted = {}, Contents contents = Contents::skimmed);
PackageContents read_deb_file(const std::filesystem::path& file, const WantedFile& wanted = {},
                              Contents contents = Contents::skimmed);

// Debian versions and names: their order (as deb-version(7) defines it) and their syntax. Whatever
// comes from a package or an index is checked here before it becomes a file name or an argument.
// Thread-safe.

/// Less than, equal to or greater than zero, as `a` is older than, the same as or newer than `b`.
int compare_versions(std::string_view a, std::string_view b);

/// Names of binary and source packages: two or more of [a-z0-9+.-], beginning with a letter or
/// digit.
bool valid_package_name(std::string_view text);
/// [epoch:]upstream[-revision]; at most 200 characters.
bool valid_version(std::string_view text);
/// "amd64", "all", "kfreebsd-amd64"; never a wildcard such as "any".
bool valid_architecture(std::string_view text);

/// The release of Debian that a version names itself ("1.22.1-9+deb12u3", "2.0~bpo12+1"): "12".
/// Empty when it names none.
std::string release_named_in(std::string_view version);
/// The release of a system that holds this version of base-files ("12.4+deb12u9"): "12". Empty when
/// it is none of Debian's own.
std::string release_of_base_files(std::string_view version);

/// NAME_VERSION_ARCH.deb as archives name it: without the epoch, so without any ':'.
std::string deb_file_name(std::string_view name, std::string_view version,
                          std::string_view architecture);

// Which installed packages have a newer version on offer, and how they are grouped into candidates.
// Pure, but for asking AptRoot to solve.

/// The installed packages of a dpkg status file. Error(invalid).
std::vector<InstalledPackage> read_status(const std::string& text, const std::string& where);
/// How errors name the status file of an image.
std::string status_of(const std::string& image);
/// The architecture dpkg itself has. Error(invalid) when it is not installed.
std::string native_architecture(const std::vector<InstalledPackage>& installed,
                                const std::string& where);

/// Plans by source and version. Adds what is pending on one image to `plans`.
/// `only`: names of source or binary packages, empty for all; the names that were met are added to
/// `met`.
void plan_image(AptRoot& apt, const std::string& image, const std::string& dpkg_status,
                const std::vector<std::string>& only, std::vector<std::string>& met,
                std::map<std::string, Plan>& plans,
                const std::function<void(const std::string&)>& notice);

}  // namespace patchlab::families::deb
