// SPDX-License-Identifier: Apache-2.0
//
// The diagnostic log of the process (spdlog): to stderr at `warn`, and to a file when one is given. It is for whoever debugs
// patchlab; what a user must see is printed by the command line. Secrets are never handed to it. Thread-safe.
#pragma once

#include <spdlog/spdlog.h>

#include <filesystem>

namespace patchlab {

/// Sends the log to `file` (appended), besides warnings to stderr. Call once, at the door of the process.
void log_to_file(const std::filesystem::path& file);

}  // namespace patchlab
