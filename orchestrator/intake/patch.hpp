// SPDX-License-Identifier: Apache-2.0
//
// Candidate patches: what a vendor released, with everything a run needs: the packages, their prerequisites, and the exact old versions
// for the way back. On disk: patches/<id>/patch.json (schema patchlab/patch/v1), patches/<id>/new/*.deb, patches/<id>/old/*.deb, read-only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "platform/core/json.hpp"
#include "platform/store/database.hpp"

namespace patchlab::intake {

struct PatchPackage {
    std::string name;
    std::string architecture;
    std::string from;     ///< version in the image the patch was fetched for; empty when unknown or not installed
    std::string to;
    std::string origin;   ///< "Debian:bookworm-security" as apt names it; "local file" for added ones
    std::string sha256;   ///< of the .deb
    std::string file;     ///< file name below new/
    std::string old_file; ///< file name below old/; empty: the exact old version could not be had
    std::string old_sha256;
    std::uint64_t bytes = 0;
    bool prerequisite = false;  ///< not of the patch's own source package, needed by it
};

struct Patch {
    std::string id;      ///< "nginx_1.22.1-9+deb12u11"
    std::string kind = "deb";
    std::string source;  ///< source package
    std::string version;
    std::vector<std::string> advisories;  ///< CVE numbers, sorted
    std::string urgency;                  ///< highest between the versions: low|medium|high|emergency|critical, or "unknown"
    std::string changelog;                ///< the entries between from and to
    bool reboot = false;                  ///< needs a reboot to take effect
    std::string reboot_why;
    std::vector<std::string> restarts;    ///< services known to need a restart; may be empty (found at run time)
    bool verified = false;                ///< by the archive's signature
    std::string added;                    ///< RFC 3339
    std::vector<PatchPackage> packages;
    std::string digest;                   ///< over the package digests
    std::filesystem::path folder;
};

Json to_json(const Patch& patch);
Patch patch_from_json(const Json& json);

/// Thread safety: one a thread.
class PatchStore {
  public:
    PatchStore(std::filesystem::path state, store::Database& database);
    std::vector<Patch> list();
    Patch get(const std::string& id);
    bool has(const std::string& id);
    /// Moves a complete folder in. The same id with the same digest is no change; with another digest Error(conflict).
    Patch add(Patch patch, const std::filesystem::path& folder);
    /// Error(conflict) when a run that is not finished uses it.
    void remove(const std::string& id);

  private:
    std::filesystem::path folder_;
    store::Database& database_;
};

std::vector<store::Migration> migrations();

}  // namespace patchlab::intake
