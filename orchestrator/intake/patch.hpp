// SPDX-License-Identifier: Apache-2.0
//
// Candidate patches: what a vendor released, with everything a run needs: the packages, their
// prerequisites, and the exact old versions for the way back. On disk: patches/<id>/patch.json
// (schema patchlab/patch/v1), patches/<id>/new/ and old/ with the packages, read-only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/families/package_family.hpp"
#include "platform/core/json_fwd.hpp"
#include "platform/store/database.hpp"
#include "platform/store/selection.hpp"

namespace patchlab::intake {

struct PatchPackage {
    std::string name;
    std::string architecture;
    std::string from;  ///< version in the image the patch was fetched for; empty when unknown or
                       ///< not installed
    std::string to;
    std::string origin;    ///< "Vendor:suite" as its tools name it; "local file" for added ones
    std::string sha256;    ///< of its file
    std::string file;      ///< file name below new/
    std::string old_file;  ///< file name below old/; empty: the exact old version could not be had
    std::string old_sha256;
    std::uint64_t bytes = 0;
    bool prerequisite = false;  ///< not of the patch's own source package, needed by it
    std::string source;         ///< its source package
    std::string source_version;
};

struct Patch {
    std::string id;            ///< "nginx_1.22.1-9+deb12u11"
    std::string kind = "deb";  ///< the family of its packages
    std::string source;        ///< source package
    std::string version;
    std::vector<std::string> advisories;  ///< CVE numbers, sorted
    std::string urgency;  ///< highest between the versions: low|medium|high|emergency|critical, or
                          ///< "unknown"
    std::string changelog;  ///< the entries between from and to
    bool reboot = false;    ///< needs a reboot to take effect
    std::string reboot_why;
    std::vector<std::string>
        restarts;           ///< services known to need a restart; may be empty (found at run time)
    bool verified = false;  ///< by the archive's signature
    std::string added;      ///< RFC 3339
    std::vector<PatchPackage> packages;
    std::string digest;  ///< over the package digests
    std::filesystem::path folder;
};

/// Fills advisories, urgency, changelog, reboot, reboot_why and restarts of the patch.
void add_notes(Patch& patch, families::VendorNotes notes);

/// A package can stand in `packages` more than once, with different `from`, when the lab's images
/// hold different versions of it.
Json to_json(const Patch& patch);
/// Size of its packages, each counted once.
std::uint64_t bytes_of(const Patch& patch);
/// Every name, version, digest and file name is checked; Error(invalid).
Patch patch_from_json(const Json& json);

/// Names the patch by what is in it: SOURCE_VERSION, without the epoch. Whoever calls has checked
/// both.
std::string patch_id(const std::string& source, const std::string& version);
/// sha256 over name, architecture, from, to and sha256 of each package, in any order.
std::string digest_of(const std::vector<PatchPackage>& packages);

/// Where a state folder has its patches, and the one of this id, if it has it.
std::filesystem::path patches_folder(const std::filesystem::path& state);
std::filesystem::path patch_folder(const std::filesystem::path& state, const std::string& id);

/// Thread safety: one a thread.
class PatchStore {
  public:
    PatchStore(std::filesystem::path state, store::Database& database);
    std::vector<Patch> list();
    std::vector<Patch> list(const store::Selection& selection);
    Patch get(const std::string& id);
    bool has(const std::string& id);
    /// nullopt when there is none.
    std::optional<Patch> find(const std::string& id);
    /// Moves a complete folder in. The same id with the same digest is no change; with another
    /// digest Error(conflict).
    Patch add(Patch patch, const std::filesystem::path& folder);
    /// The id add() would find free or equal: the patch's own, or with a part of its digest when
    /// that is taken by another set of packages.
    std::string free_id(const Patch& patch);
    /// Error(conflict) with its users when a run that is not finished uses it.
    void remove(const std::string& id);

    /// Users keep a patch from being removed. `user` is free text: "run r-20261123-0001". Adding
    /// twice is no change.
    void add_user(const std::string& id, const std::string& user);
    void remove_user(const std::string& user);
    std::vector<std::string> users(const std::string& id);

  private:
    std::filesystem::path folder_;
    store::Database& database_;
};

std::vector<store::Migration> migrations();

}  // namespace patchlab::intake
