// SPDX-License-Identifier: Apache-2.0
//
// Debian versions and names: their order (as deb-version(7) defines it) and their syntax. Whatever
// comes from a package or an index is checked here before it becomes a file name or an argument.
// Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace patchlab::families::deb {

/// [0-9], whatever the locale.
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Less than, equal to or greater than zero, as `a` is older than, the same as or newer than `b`.
int compare_versions(std::string_view a, std::string_view b);

/// Names of binary and source packages: two or more of [a-z0-9+.-], beginning with a letter or
/// digit.
bool valid_package_name(std::string_view text);
/// [epoch:]upstream[-revision]; at most 200 characters.
bool valid_version(std::string_view text);
/// "amd64", "all", "kfreebsd-amd64"; never a wildcard such as "any".
bool valid_architecture(std::string_view text);

/// The release of Debian that a version names itself ("1.22.1-9+deb12u3", "2.0~bpo12+1"): "12".
/// Empty when it names none.
std::string release_named_in(std::string_view version);
/// The release of a system that holds this version of base-files ("12.4+deb12u9"): "12". Empty when
/// it is none of Debian's own.
std::string release_of_base_files(std::string_view version);

/// NAME_VERSION_ARCH.deb as archives name it: without the epoch, so without any ':'.
std::string deb_file_name(std::string_view name, std::string_view version,
                          std::string_view architecture);

}  // namespace patchlab::families::deb
