// SPDX-License-Identifier: Apache-2.0
//
// The diagnostic log of the process (spdlog, seen in log.cpp alone: its headers cost seconds in
// every file). It is for whoever debugs patchlab; what a user must see is printed by the command
// line. Secrets are never handed to it. Thread-safe.
#pragma once

#include <filesystem>
#include <string_view>

namespace patchlab {

/// Sends the log to `file` (appended). Call once, at the door of the process; until then warnings
/// and errors go to stderr.
void log_to_file(const std::filesystem::path& file);

void log_debug(std::string_view text);
void log_warning(std::string_view text);
void log_error(std::string_view text);

}  // namespace patchlab
