// SPDX-License-Identifier: Apache-2.0
//
// What apt prints, as values: its machine-readable listings (indextargets, --print-uris, apt-config
// dump), and its error lines, which are shown to the user and, for the exit code and the advice
// alone, sorted into "wrong signature or hash" and "not reachable". Pure functions.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/error.hpp"

namespace patchlab::families::deb {

/// For `apt-get indextargets --format`: one line a Packages index, fields separated by '|'.
inline constexpr std::string_view index_target_format =
    "$(FILENAME)|$(ORIGIN)|$(CODENAME)|$(SUITE)|$(TRUSTED)|$(SITE)|$(METAKEY)";

struct IndexTarget {
    std::filesystem::path file;
    std::string origin;
    std::string codename;  ///< of the Release file; its suite when it has none
    bool trusted = false;
    std::string site;
    std::string meta_key;  ///< "main/binary-amd64/Packages"
};
std::vector<IndexTarget> parse_index_targets(std::string_view text);

/// True when the Release file of the index says NotAutomatic: yes.
bool is_not_automatic(const IndexTarget& target, const std::filesystem::path& lists);

/// One line of `--print-uris`: 'URI' file size hash.
struct PlannedFile {
    std::string name;
    std::string version;
    std::string architecture;
    std::string sha256;  ///< empty when apt printed another hash
};
/// Lines that are none are skipped (apt may print notes before); Error(lab) for a file name that is
/// no package's.
std::vector<PlannedFile> parse_print_uris(std::string_view text);

/// The name apt gives a package's file: the epoch's ':' written as %3a.
std::string apt_file_name(std::string_view name, std::string_view version,
                          std::string_view architecture);

/// The lines about fetching out of `apt-config dump --format '%F "%v";%n'`: proxies, credentials,
/// certificates, validity.
std::string fetch_settings(std::string_view dump);

/// The reason in apt's error output, one line.
std::string apt_reason(std::string_view err, std::string_view out = {});
/// Error(refused) for a bad signature, hash or age; else Error(lab).
Error update_error(std::string_view err);

}  // namespace patchlab::families::deb
