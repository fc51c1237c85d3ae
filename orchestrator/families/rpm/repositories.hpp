// SPDX-License-Identifier: Apache-2.0
//
// Repositories as dnf and zypper name them in .repo files, and their files: fetched, and checked
// against what repomd.xml says of them. Thread safety: free functions and values.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/families/vendor.hpp"
#include "platform/process/command.hpp"

namespace patchlab::families::rpm {

struct RepoSource {
    std::string id;
    std::string name;
    std::vector<std::string> addresses;  ///< baseurl, without a slash at the end
    std::string mirrors;                 ///< mirrorlist or metalink
    std::vector<std::string> keys;       ///< addresses or paths of keys
    bool enabled = true;
    bool check_packages = true;  ///< gpgcheck: packages must be signed
    bool check_index = false;    ///< repo_gpgcheck: repomd.xml must be signed
    std::vector<std::string> excluded;
};

/// The repositories of a text in the form of .repo files. Error(invalid) with the line for what is
/// none; variables such as $basearch stay as they are.
std::vector<RepoSource> parse_repositories(const std::string& text);
/// The same repositories as text.
std::string to_text(const std::vector<RepoSource>& sources);
/// $name and ${name} replaced where `values` has them.
std::string with_variables(std::string text, const std::map<std::string, std::string>& values);
/// The .repo files of this host, in the folders of dnf and zypper below `root`.
std::vector<RepoSource> host_repositories(const std::filesystem::path& root);

/// A file of the index, as repomd.xml names it.
struct IndexFile {
    std::string location;
    std::string sha256;
    std::uint64_t bytes = 0;  ///< 0: not told
};
/// By type ("primary", "updateinfo"). Error(invalid). A file whose digest is no sha256 has none.
std::map<std::string, IndexFile> read_repomd(const std::string& text, const std::string& where);

/// Gets what lies at an address (http, https, file or a path) into a file. Error(lab) when it
/// cannot be had, Error(refused) when it is larger than `most_bytes`.
void fetch_file(const std::string& address, const std::filesystem::path& to,
                std::uint64_t most_bytes, process::CommandRunner& runner);
/// The addresses that a mirrorlist or a metalink names.
std::vector<std::string> read_mirrors(const std::string& text);

/// The keys of a repository in one file below `folder`; nullopt when it names none.
std::optional<std::filesystem::path> fetch_keys(const RepoSource& source,
                                                const std::filesystem::path& folder,
                                                process::CommandRunner& runner);
/// Error(refused) unless a key of `keyring` made the signature beside the text.
void require_signed_index(const std::filesystem::path& file, const std::filesystem::path& signature,
                          const std::filesystem::path& keyring, const std::string& where,
                          process::CommandRunner& runner);

}  // namespace patchlab::families::rpm
