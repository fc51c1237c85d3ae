// SPDX-License-Identifier: Apache-2.0
//
// The package sources a host is configured with (/etc/apt), as values: read in both of apt's
// formats, restricted to the suites one wants to see, written as deb822. Image builds and patch
// fetches use them, so that no mirror's name is ever written into this program. Thread safety: free
// functions on values.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace patchlab::families::deb {

/// One enabled stanza (deb822) or line (one-line format).
struct AptSource {
    std::vector<std::string> types;  ///< "deb", "deb-src"
    std::vector<std::string> uris;
    std::vector<std::string> suites;
    std::vector<std::string> components;  ///< empty for a flat repository (suite ends in "/")
    std::string signed_by;  ///< path of a keyring, a fingerprint, or an armoured key (several
                            ///< lines); may be empty
    std::map<std::string, std::string>
        options;       ///< further deb822 fields: "Architectures" → "amd64"
    std::string file;  ///< where it was read
};

/// The options with which a source asks to be believed without a signature.
inline constexpr std::array<std::string_view, 4> blind_trust{
    "Trusted", "Allow-Insecure", "Allow-Weak", "Allow-Downgrade-To-Insecure"};

/// All enabled sources below `etc_apt`: sources.list, then sources.list.d/*.list and *.sources by
/// name. Error(invalid) with file and line for what apt itself would refuse; a file that is not
/// there is no source.
std::vector<AptSource> host_apt_sources(const std::filesystem::path& etc_apt = "/etc/apt");

/// The two formats alone. `file` names the text in errors. Disabled stanzas are left out.
std::vector<AptSource> parse_source_list(std::string_view text, const std::string& file);
std::vector<AptSource> parse_deb822_sources(std::string_view text, const std::string& file);

/// Binary sources of exactly the named suites: "bookworm" keeps neither bookworm-updates nor
/// bookworm-security. A stanza that has several suites keeps the named ones. Empty when there is
/// none.
std::vector<AptSource> restrict_to_suites(const std::vector<AptSource>& sources,
                                          const std::vector<std::string>& suites);

/// Every suite of the binary sources, once each, in the order of the configuration.
std::vector<std::string> suites_of(const std::vector<AptSource>& sources);

/// Text of a .sources file that means the same.
std::string to_deb822(const std::vector<AptSource>& sources);

/// The sources of `deb822` that can serve an image of this release ("bookworm"): suites of another
/// Debian release are left out, so that a host may run another release than its lab.
std::string sources_for_release(const std::string& deb822, const std::string& codename);

}  // namespace patchlab::families::deb
