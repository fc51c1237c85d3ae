// SPDX-License-Identifier: Apache-2.0
//
// Signed repositories from packages that were approved: what a channel's snapshot is made of. Each
// builder starts from nothing but the packages it is given, and reads its own result back: the
// index holds exactly these packages and these bytes, or nothing is handed over. Thread safety:
// free functions; one folder a call.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "orchestrator/catalog/openpgp_key.hpp"
#include "platform/process/command.hpp"

namespace patchlab::catalog {

struct RepositoryPackage {
    std::string name, architecture, version, sha256;
    std::uint64_t bytes = 0;
    std::filesystem::path file;  ///< where its bytes are
    std::string
        file_name;  ///< how it is called in the repository; unique among those of one repository
};

struct RepositoryRequest {
    std::string channel;
    std::string snapshot;                     ///< id, told in the index
    std::vector<std::string> architectures;   ///< deb: at least one, without "all"
    std::vector<RepositoryPackage> packages;  ///< may be empty
    std::filesystem::path work;  ///< an empty folder for the tools, on the filesystem of `out`
    std::filesystem::path out;   ///< the repository's folder, created
};

/// A command of a builder: it dies with this process, however that ends, so that nothing writes to
/// a work folder that the next publish clears away. Error(lab) with the package to install when
/// there is no such program.
process::CommandSpec bound_command(const std::string& program, std::vector<std::string> args,
                                   const std::string& purpose);

/// dists/ and pool/ by aptly (docs/adr), by-hash, signed as InRelease and Release.gpg.
/// Error(refused) when the index does not hold exactly the packages of the request.
void build_apt_repository(const RepositoryRequest& request, OpenPgpKey& key,
                          process::CommandRunner& runner);

/// Packages/ and repodata/ by createrepo_c, repomd.xml signed beside itself. Errors as above.
void build_rpm_repository(const RepositoryRequest& request, OpenPgpKey& key,
                          process::CommandRunner& runner);

/// What one of apt's index files (Packages) lists, in its order; `file_name` is the path from the
/// repository's top. Error(invalid).
std::vector<RepositoryPackage> read_packages_index(const std::filesystem::path& index);
/// What an rpm-md folder lists. Error(invalid); Error(refused) when its parts do not fit
/// repomd.xml.
std::vector<RepositoryPackage> read_rpm_index(const std::filesystem::path& repository);

/// Error(refused) naming what one has and the other has not, by name, version, architecture, size
/// and sha256.
void require_same_packages(const std::vector<RepositoryPackage>& wanted,
                           const std::vector<RepositoryPackage>& found);

}  // namespace patchlab::catalog
