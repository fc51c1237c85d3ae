// SPDX-License-Identifier: Apache-2.0
//
// Paths: of which class of change a file is by its place, and the small questions that rules ask of
// a path. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "snapshots/capture.hpp"

namespace patchlab::snapshots {

/// The class of a changed file by its place: /etc/cron.d/x is `cron`. Setuid bits and capabilities
/// are seen by the caller.
ChangeClass class_of_path(std::string_view path);

/// Of a merged /usr: /lib/x and /usr/lib/x are one file. The form under /usr.
std::string merged_usr(std::string_view path);

/// fnmatch(3) without special slashes: "*" crosses folders.
bool matches(std::string_view glob, std::string_view path);

/// Whether `path` lies in `folder` ("/var/log") or in one of its folders.
bool is_below(std::string_view path, std::string_view folder);
/// What follows `folder` and the slash, of a path below it.
std::string_view rest_below(std::string_view path, std::string_view folder);

std::string_view file_name(std::string_view path);
std::string_view folder_of(std::string_view path);

}  // namespace patchlab::snapshots
