// SPDX-License-Identifier: Apache-2.0
//
// Package sources that somebody gives for one image instead of those of the lab host: a file in
// either of apt's formats becomes a text that holds its keys, too, so that it can be kept with the
// image and read on any host. Thread safety: free function.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/families/deb/apt_sources.hpp"

namespace patchlab::families::deb {

/// The sources of `text`, the content of `file`: deb822, or one a line where `file` ends in
/// ".list" or the text does not look like deb822. The keyring that a source names takes the place
/// of its path, as an armoured key; a source that names none gets `keyring`. Error(invalid) when a
/// source has no key, has a password in its address or asks to be trusted without a signature, and
/// when a keyring is none.
std::vector<AptSource> self_contained_sources(std::string_view text, const std::string& file,
                                              const std::optional<std::filesystem::path>& keyring);

/// A keyring, armoured or binary, as the text that Signed-By takes. Error(invalid) when the file is
/// not a keyring: nothing else of the host is ever copied.
std::string armoured_keyring(std::string_view content, const std::string& file);

}  // namespace patchlab::families::deb
