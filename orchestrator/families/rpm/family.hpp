// SPDX-License-Identifier: Apache-2.0
//
// The family of RPM packages (dnf or zypper installs, libsolv solves, rpm's own tools check and
// read databases), and what the files of this folder offer each other.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/families/guest_installer.hpp"
#include "orchestrator/families/package_family.hpp"
#include "orchestrator/families/repository.hpp"
#include "orchestrator/families/rpm/header.hpp"
#include "platform/core/files.hpp"

namespace patchlab::families::rpm {

const PackageFamily& rpm_family();

// The order of RPM versions, as rpm-version(7) defines it. Thread-safe.

/// Less than, equal to or greater than zero, as `a` is older than, the same as or newer than `b`.
/// "[epoch:]version[-release]"; no epoch is 0; a release counts only when both have one.
int compare_versions(std::string_view a, std::string_view b);

// A package file read from its bytes, without rpm and without writing anything. A package is
// untrusted: sizes are capped, bombs, traversal and broken archives are refused. Thread safety:
// free functions.

/// Which files' contents to keep (each at most 4 MiB, all together 32 MiB; larger ones are left
/// out).
using WantedFile = std::function<bool(std::string_view path)>;

/// Reads the whole package, so that a truncated or corrupt one is found. Error(invalid) with the
/// reason. PackageFacts::control holds all that stands before the payload.
PackageContents read_rpm(std::string_view bytes, std::string_view where,
                         const WantedFile& wanted = {}, Contents contents = Contents::skimmed);
PackageContents read_rpm_file(const std::filesystem::path& file, const WantedFile& wanted = {},
                              Contents contents = Contents::skimmed);

struct HeaderSource {
    std::string name;
    std::string version;
};
/// "nginx-1.22.1-9.el9.src.rpm" → nginx and 1.22.1-9.el9, with the epoch of the package where that
/// is the package's own version. A package that names no source is its own. Not checked.
HeaderSource source_named(std::string_view source_file, std::string_view package,
                          std::string_view version);

/// Names, versions and sources alone. Error(invalid) when one is not valid.
PackageFacts named_facts(const Header& header, std::string_view where);
/// The header of a package that was read; it points into `facts`.
Header header_of(const PackageFacts& facts);

/// Error(invalid) when a digest of the package is wrong.
void require_good_digests(const std::filesystem::path& file, process::CommandRunner& runner);
/// The keys of a keyring in a database of their own, made once for as many packages as there are.
/// Thread safety: one thread.
class PackageKeys {
  public:
    /// Error(invalid) for a file that is no keyring.
    PackageKeys(const std::filesystem::path& keyring, process::CommandRunner& runner);
    /// False when the package carries no signature. Error(refused) unless one of the keys made it.
    bool signed_by_one(const std::filesystem::path& file) const;

  private:
    std::filesystem::path keyring_;
    process::CommandRunner& runner_;
    TempFolder work_;
};

// Systems that are not running. Their database is kept as the list of headers that rpm exports.

/// Empty when the system has no rpm database.
std::string export_database(const ReadSystemFile& read, process::CommandRunner& runner);
/// Views into system.database.
std::vector<Header> read_database(const InstalledSystem& system);
std::vector<InstalledPackage> installed_packages(const InstalledSystem& system);
/// The same of a database that was read, of the system of this name.
std::vector<InstalledPackage> installed_packages(const std::vector<Header>& database,
                                                 const std::string& system);
std::string architecture_of_system(const InstalledSystem& system);

// What the packages of an update say of it.

std::string reboot_reason(std::string_view package);
/// The changelog is that of the first package of `source`.
VendorNotes notes_of(const std::vector<PackageContents>& packages, const std::string& source,
                     const std::string& from);

// Installing in a guest: dnf or zypper from the patch disk, rpm for proof and repair.

const GuestInstaller& rpm_installer();
/// What the log of dnf, zypper and rpm says about a failure; GuestInstaller::failure_in().
std::string failure_in(std::string_view log);

std::vector<DiskFile> disk_index(const std::vector<DiskPackage>& packages);

// The repository that hosts with stock dnf or zypper follow: Packages/ and repodata/ by
// createrepo_c, repomd.xml signed beside itself.

/// What an rpm-md folder lists. Error(invalid); Error(refused) when its parts do not fit
/// repomd.xml.
std::vector<RepositoryPackage> read_rpm_index(const std::filesystem::path& repository);

const RepositoryWriter& rpm_repository();

}  // namespace patchlab::families::rpm
