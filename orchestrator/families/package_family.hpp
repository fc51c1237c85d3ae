// SPDX-License-Identifier: Apache-2.0
//
// The port between patchlab and a family of packages (deb, rpm): everything that depends on
// how packages are named, ordered, read, found, installed, proven, repaired and taken back. Nothing
// outside of a family's own folder knows which tool does it. A family that cannot do something yet
// answers with Error(refused) that names it and what was asked.
//
// Ownership: families are constants of the program; family() and its kin give references that live
// for ever. Thread safety: a family has no state; every method may be called from any thread.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/families/package_facts.hpp"
#include "orchestrator/families/repository.hpp"
#include "orchestrator/families/vendor.hpp"
#include "platform/process/command.hpp"
#include "snapshots/rules.hpp"

namespace patchlab::families {

/// What a vendor says of an update.
struct VendorNotes {
    std::vector<std::string> advisories;  ///< CVE numbers, each once, by year and number
    std::string urgency = "unknown";    ///< highest between the versions: low < medium < high < …
    std::string changelog;              ///< the entries between the two versions
    std::string reboot_why;             ///< why it takes effect after a reboot only; may be empty
    std::vector<std::string> restarts;  ///< services that keep the old code until restarted, sorted
};

/// Urgencies in order: unknown < low < medium < high < emergency < critical.
int urgency_rank(std::string_view urgency);

/// A file of a patch disk, for disk_index().
struct DiskPackage {
    PackageFacts facts;
    std::string file;  ///< its name on the disk
    std::uint64_t bytes = 0;
    std::string sha256;
};
struct DiskFile {
    std::string name;  ///< may begin with the name of a folder: "repodata/repomd.xml"
    std::string text;
};

struct KernelPackage {
    std::string name;
    std::string version;
};

/// How a system calls its release (os-release(5)); what it does not say is empty.
struct ReleaseNames {
    std::string distro;    ///< "almalinux"
    std::string version;   ///< "12"
    std::string codename;  ///< "bookworm"
    std::string suite;     ///< what it was built from, where it was built here
};

class GuestInstaller;

class PackageFamily {
  public:
    virtual ~PackageFamily() = default;

    /// "deb": the `kind` of a patch, the `format` of a package.
    virtual std::string_view name() const = 0;

    // Order and syntax. Whatever comes from a package, an index, a guest or a document is checked
    // here before it becomes a file name or an argument.

    /// Less than, equal to or greater than zero, as `a` is older than, the same as or newer than
    /// `b`.
    virtual int compare_versions(std::string_view a, std::string_view b) const = 0;
    virtual bool valid_name(std::string_view text) const = 0;
    virtual bool valid_version(std::string_view text) const = 0;
    virtual bool valid_architecture(std::string_view text) const = 0;
    /// Whether a package of this architecture fits every machine: "all", "noarch".
    virtual bool fits_every_machine(std::string_view architecture) const = 0;
    /// Whether a package of architecture `offered` takes the place of an installed one. One may
    /// change between "for all" and "for one" from version to version.
    bool same_architecture(std::string_view offered, std::string_view installed) const;
    /// How the family calls the architecture of a machine (`uname -m`): "x86_64" → "amd64".
    virtual std::string architecture_of_machine(std::string_view machine) const = 0;
    /// The name of a package's file in a repository. Error(invalid) when one of the three is none.
    virtual std::string file_name(std::string_view name, std::string_view version,
                                  std::string_view architecture) const = 0;
    /// What such names end with: a dot and a word.
    virtual std::string_view file_ending() const = 0;
    /// Whether a package at this version may be for a system that holds these packages (name →
    /// version). False only where both tell of which release they are, and it is not the same.
    virtual bool fits_system(std::string_view package, std::string_view version,
                             const std::map<std::string, std::string>& installed) const;
    /// Whether `version` of the package is one that the relation asks for.
    bool satisfies(std::string_view version, const Relation& relation) const;

    // Metadata. A package is untrusted: sizes are capped, what is broken is refused with
    // Error(invalid) and the reason. Nothing of it is run.

    /// Whether a file that begins with these bytes is a package of this family.
    virtual bool recognises(std::string_view first_bytes) const = 0;
    /// Reads a package file to its end; a 26 MB kernel package takes some seconds.
    virtual PackageFacts read_facts(const std::filesystem::path& file,
                                    Contents contents = Contents::skimmed) const;
    /// Reads a package file to its end, with the digest of each packaged file and the texts of
    /// those that are wanted; what is too large for that is left out.
    virtual PackageContents read_for_comparison(
        const std::filesystem::path& file,
        const std::function<bool(std::string_view path)>& wanted) const;
    /// The same without digests, with the texts that notes_of() wants to see.
    virtual PackageContents read(const std::filesystem::path& file) const;
    /// What the packages of one source say of the update from `from` (a source version; empty when
    /// unknown) to `to`.
    virtual VendorNotes notes_of(const std::vector<PackageContents>& packages,
                                 const std::string& source, const std::string& from,
                                 const std::string& to) const;
    /// Why a package of this name takes effect after a reboot only, or an empty text: what can be
    /// said before its file is there.
    virtual std::string reboot_reason(std::string_view package) const;

    /// Error(invalid) when the family's own tool cannot unpack the file: what it alone would find.
    virtual void require_undamaged(const std::filesystem::path& file,
                                   process::CommandRunner& runner) const;

    /// Whether a package carries its signature itself, which a key of `keyring` (a file, armoured
    /// or not) made: false when it carries none, or packages of this family never do.
    /// Error(refused) for a signature that is not good or of another key.
    virtual bool signed_by(const std::filesystem::path& file, const std::filesystem::path& keyring,
                           process::CommandRunner& runner) const;

    // Systems that are not running.

    /// The package database, as InstalledSystem wants it; empty when the system has none. Error
    /// (invalid) when it is none of this family.
    virtual std::string database_of(const ReadSystemFile& read) const;
    /// What is installed, by name. Error(invalid) for a broken database, and for one that lists
    /// nothing.
    virtual std::vector<InstalledPackage> installed(const InstalledSystem& system) const;
    /// The architecture that the system's packages are for. Error(invalid) for a broken database.
    virtual std::string architecture_of(const InstalledSystem& system) const;

    // Vendors.

    /// Which release's packages a system follows, as sources_for() wants it: "bookworm", "9".
    virtual std::string release_of(const ReleaseNames& names) const;
    /// This host's own package sources, as far as they can serve a system of this release
    /// ("bookworm"; empty: all of them).
    virtual VendorSources host_sources(std::string_view release,
                                       process::CommandRunner& runner) const;
    /// Of the repositories in `sources` those that can serve a system of this release.
    virtual std::string sources_for(const std::string& sources, std::string_view release) const;
    virtual std::unique_ptr<Vendor> open_vendor(VendorRequest request,
                                                process::CommandRunner& runner) const;

    /// The suites in these sources, each once.
    virtual std::vector<Suite> suites_in(const VendorSources& from) const;
    /// Asks once, with what was seen before as the condition; downloads nothing where nothing
    /// changed. What cannot be reached is an answer.
    virtual SuiteLook look_at(const Suite& suite, const SuiteSeen& before,
                              const VendorSources& from, process::CommandRunner& runner) const;
    /// The line of an update's changelog that says that a version newer than `before` repairs a
    /// regression; empty where there is none.
    virtual std::string repairs_regression(const std::string& changelog,
                                           const std::string& before) const;

    // Channels.

    /// Error(refused) when there is none.
    virtual const RepositoryWriter& repository() const;

    // Attribution.

    /// What an installation does besides unpacking files.
    virtual const snapshots::AttributionRules& attribution_rules() const;

    // For people.

    /// The commands by which root brings packages back to exactly these versions and takes others
    /// away. The caller makes sure that names and versions are plain words: they will be pasted
    /// into a shell.
    virtual std::vector<std::string> backout_commands(
        const std::vector<ExactPackage>& back, const std::vector<std::string>& gone) const = 0;
    /// The command that shows which versions are installed.
    virtual std::string list_command(const std::vector<std::string>& names) const = 0;

    // In guests and on hosts.

    /// How packages are installed in a guest. Error(refused) when that is not possible.
    virtual const GuestInstaller& installer() const;
    /// Whether packages can be pushed to hosts.
    virtual bool can_push() const { return false; }
    /// The script by which packages are pushed to a host, as orchestrator/rollout/push wants it.
    /// Error(refused) when that is not possible.
    virtual std::string host_script() const;

    /// The package that the running kernel came from, told by `uname -r` and `uname -v`; nullopt
    /// when they do not tell.
    virtual std::optional<KernelPackage> running_kernel(std::string_view release,
                                                        std::string_view build) const;

    /// What lies beside the packages on a patch disk, so that the guest's tools find them there.
    /// The same packages give the same bytes. Most families need an index; none is fine.
    virtual std::vector<DiskFile> disk_index(const std::vector<DiskPackage>& packages) const;

  protected:
    /// Error(refused): this family cannot do `what` ("reading packages") yet.
    [[noreturn]] void cannot(std::string_view what) const;
};

/// What documents mean that name no family: those of the time when there was one.
inline constexpr const char* default_family = "deb";

/// Error(invalid) when there is no family of this name.
const PackageFamily& family(std::string_view name);
/// nullptr when there is none.
const PackageFamily* find_family(std::string_view name);
/// How two versions compare in the order of the family of this name. Error as family().
int compare_versions(std::string_view family_name, std::string_view a, std::string_view b);
/// The family of a package file, by its first bytes, else by its name. Error(invalid) when it is of
/// none, Error(not_found, lab) when it cannot be read.
const PackageFamily& family_of_file(const std::filesystem::path& file);
/// Every family there is, by name.
std::vector<const PackageFamily*> all_families();

}  // namespace patchlab::families
