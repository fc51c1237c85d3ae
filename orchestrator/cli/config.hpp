// SPDX-License-Identifier: Apache-2.0
//
// Configuration files: what holds where neither an option nor the environment says it. The system's
// file is read first, then the user's, whose values win; `PATCHLAB_CONFIG` names one file instead
// of both. Values; thread-safe as such.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace patchlab::cli {

struct ConfigValue {
    std::string value;
    std::string origin;  ///< "/etc/patchlab/patchlab.yaml:3", "PATCHLAB_STATE", "--state-dir"
};

/// Key → value, as a file has it.
using Config = std::map<std::string, ConfigValue>;

/// ~/.config/patchlab/NAME; empty when nothing says where that is.
std::filesystem::path own_file(const std::string& name);
/// The files that are read, in the order in which they are; they need not be there.
std::vector<std::filesystem::path> config_files();
/// What they say. Error(invalid) that lists every mistake, Error(not_found) when PATCHLAB_CONFIG
/// names no file.
Config read_config();

}  // namespace patchlab::cli
