// SPDX-License-Identifier: Apache-2.0
//
// How a host with stock tools follows a channel: where it is, which key signs it, and the texts of
// the files that the host needs. Values and pure functions; thread-safe as such.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace patchlab::catalog {

struct ChannelAccess {
    std::string name;  ///< the channel; also apt's suite
    std::filesystem::path
        folder;  ///< catalog/public/<name>/current: what is served as URL; it need not exist yet
    std::string snapshot;      ///< id of the published one, "20261123T120000Z"; empty: none yet
    std::string created;       ///< RFC 3339
    std::string valid_until;   ///< RFC 3339; empty: for ever
    std::string digest;        ///< sha256 of its snapshot.json
    std::size_t packages = 0;  ///< that it holds, old versions included
    bool rpm = false;          ///< it has an rpm repository below rpm/
    std::filesystem::path
        public_key;  ///< catalog/public/patchlab.asc, armoured; it need not exist yet
};

inline constexpr const char* public_key_file = "patchlab.asc";
inline constexpr const char* apt_component = "main";  ///< as families/deb/family.hpp
inline constexpr const char* apt_origin = "patchlab";

/// Error(invalid) unless it can be the name of a channel: letters, digits and "-_.", at most 64,
/// first a letter or digit.
void check_channel_name(std::string_view name);

/// deb822 text for /etc/apt/sources.list.d/. `url`: of the channel's folder
/// ("https://deb.example.org/ring-0/current"); `key`: where the host keeps the public key.
/// Error(invalid) for what would break out of its line.
std::string apt_sources(const std::string& channel, const std::string& url, const std::string& key);

/// Text for /etc/apt/preferences.d/. The channel is pinned below 1000, so that apt never goes back
/// because a mirror serves an old snapshot; the versions that a withdrawal names are pinned above.
std::string apt_preferences(const std::string& channel);

/// Text for /etc/yum.repos.d/.
std::string yum_repository(const std::string& channel, const std::string& url,
                           const std::string& key);

}  // namespace patchlab::catalog
