// SPDX-License-Identifier: Apache-2.0
//
// A private apt: its own sources, lists and cache below the state folder, solving against the dpkg
// status of an image. The host's lists, its dpkg lock, its pins and its hooks are never used; its
// proxies, credentials and trusted keys are. Every byte it hands out was verified by apt against a
// signed Release. Thread safety: one object a thread; several processes may use the same root (a
// lock file orders them).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "orchestrator/families/vendor.hpp"
#include "platform/core/files.hpp"
#include "platform/process/command.hpp"

namespace patchlab::families::deb {

/// Everything the indexes offer, by package name.
using PackageIndex = std::unordered_map<std::string, std::vector<AvailablePackage>>;

/// What solving one request gave.
struct Solution {
    bool possible = false;
    std::string why_not;                     ///< apt's own words, one line
    std::vector<AvailablePackage> packages;  ///< all that would be unpacked, in apt's order
};

struct AptRequest {
    std::filesystem::path state;
    std::string sources;        ///< deb822 text
    std::string architecture;   ///< "amd64"
    std::string host_settings;  ///< what host_apt_settings() gave
};

/// The host's settings about fetching (proxies, credentials, certificates, timeouts, whether
/// expired indexes are accepted), as apt.conf lines.
std::string host_apt_settings(process::CommandRunner& runner);

class AptRoot final : public Vendor {
  public:
    /// Error(refused) when the sources ask apt to trust unsigned repositories.
    AptRoot(AptRequest request, process::CommandRunner& runner);

    /// apt-get update. Error(refused) when a signature, a hash or the age of a repository is wrong,
    /// Error(lab) when one cannot be reached.
    void update() override;
    void add_pending(const InstalledSystem& image, const std::vector<std::string>& only,
                     std::vector<std::string>& met, std::map<std::string, Plan>& plans,
                     const Notice& notice) override;
    /// Reads the verified indexes; the result lives as long as this object.
    const PackageIndex& index();

    /// What would be unpacked to have `wanted` ("name:arch=version") on a machine with this dpkg
    /// status, nothing removed. apt's answers are kept as long as the signed Release files stay the
    /// same.
    Solution solve(const std::string& dpkg_status, const std::vector<std::string>& wanted);

    /// Downloads the packages into `folder` in one apt call; files are named by deb_file_name() and
    /// their sha256 is checked again. `on_file` hears how many are done.
    void download(const std::vector<AvailablePackage>& packages,
                  const std::filesystem::path& folder,
                  const std::function<void(std::size_t done)>& on_file) override;

    std::optional<std::string> taken_back(const OfferedBefore& package) override;

    /// The index's entry for exactly this package, or nullptr.
    const AvailablePackage* find(const std::string& name, const std::string& version,
                                 const std::string& architecture) override;

  private:
    void write_configuration();
    process::CommandSpec apt(std::vector<std::string> args, std::string purpose,
                             Seconds deadline) const;
    std::optional<std::string> ask_apt(const std::filesystem::path& status,
                                       const std::vector<std::string>& wanted,
                                       std::string& why_not);
    std::filesystem::path answers_folder();
    void read_index_file(const std::filesystem::path& file, const std::string& origin,
                         bool automatic);

    AptRequest request_;
    process::CommandRunner& runner_;
    std::filesystem::path root_;
    FileLock lock_;
    PackageIndex index_;
    bool index_read_ = false;
    std::set<std::string> origins_;  ///< of the indexes that were read
    std::filesystem::path
        answers_;  ///< where answers of today's indexes are kept; empty: not known yet
};

}  // namespace patchlab::families::deb
