// SPDX-License-Identifier: Apache-2.0
//
// Signed repositories from packages that were approved: what hosts with a family's stock tools
// follow. A family writes the index, reads its own result back, and signs it; whoever asked
// compares what the index holds with what was wanted before it is signed. Thread safety: free
// functions and values; one folder a call.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/clock.hpp"
#include "platform/process/command.hpp"

namespace patchlab::families {

struct RepositoryPackage {
    std::string name, architecture, version, sha256;
    std::uint64_t bytes = 0;
    std::filesystem::path file;  ///< where its bytes are
    std::string
        file_name;  ///< how it is called in the repository; unique among those of one repository
    bool leads_back = false;  ///< hosts that have a newer version shall return to it
};

struct RepositoryRequest {
    std::string channel;
    std::string snapshot;                     ///< id, told in the index
    TimePoint valid_until;                    ///< told in the index, where the family knows that
    std::vector<std::string> architectures;   ///< at least one, without "for all"
    std::vector<RepositoryPackage> packages;  ///< may be empty
    std::filesystem::path work;  ///< an empty folder for the tools, on the filesystem of `out`
    std::filesystem::path out;   ///< the repository's folder, created
    std::filesystem::path incoming() const { return work / "incoming"; }  ///< holds the packages
};

/// What signs an index.
class Signer {
  public:
    virtual ~Signer() = default;
    /// The text with its signature around it.
    virtual std::string clear_sign(const std::string& text) = 0;
    /// An armoured signature beside the text.
    virtual std::string detached_signature(const std::string& text) = 0;
};

struct SignedFile {
    std::filesystem::path file;
    std::filesystem::path signature;  ///< empty: the file carries its own
};

/// What a file of a repository is to a host that reads while the repository is replaced.
enum class RepositoryPart { index_by_digest, package, other };

/// The writer of a family's repositories.
class RepositoryWriter {
  public:
    virtual ~RepositoryWriter() = default;
    /// The folder below a channel's where the repository lies; empty: the channel's own.
    virtual std::string_view folder() const = 0;
    /// Whether a channel has this repository even when it holds no package of the family.
    virtual bool always() const = 0;
    /// Writes the repository from the packages that lie in request.incoming(); gives what its index
    /// lists, with the paths from `out`. Error(lab) when a tool fails or is not there.
    virtual std::vector<RepositoryPackage> write(const RepositoryRequest& request,
                                                 process::CommandRunner& runner) const = 0;
    virtual std::vector<SignedFile> sign(const RepositoryRequest& request,
                                         Signer& signer) const = 0;
    /// `path`: from the repository's folder.
    virtual RepositoryPart part(std::string_view path) const = 0;
};

/// The suite beside an apt channel's own that holds the versions to return to, and no other. No
/// channel can be called so. Its name needs no escaping in a URL.
inline constexpr const char* apt_way_back_ending = ".back";
inline std::string apt_way_back(const std::string& channel) {
    return channel + apt_way_back_ending;
}

/// A command of a writer: it dies with this process, however that ends, so that nothing writes to a
/// work folder that the next publish clears away. Error(lab) with the package to install when there
/// is no such program.
process::CommandSpec bound_command(const std::string& program, std::vector<std::string> args,
                                   const std::string& purpose);

/// Error(refused) naming what one has and the other has not, by name, version, architecture, size
/// and sha256.
void require_same_packages(const std::vector<RepositoryPackage>& wanted,
                           const std::vector<RepositoryPackage>& found);

}  // namespace patchlab::families
