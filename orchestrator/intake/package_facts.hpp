// SPDX-License-Identifier: Apache-2.0
//
// What a .deb says of itself: names, relations, files, configuration files, triggers, scripts.
// Values, read from the package alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace patchlab::intake {

struct PackagedFile {
    std::string path;    ///< absolute: "/usr/sbin/nginx"
    std::string type;    ///< file | directory | symlink | hardlink | device | other
    std::string target;  ///< of a link
    unsigned mode = 0;   ///< permission bits, setuid and setgid included
    std::uint64_t bytes = 0;
    std::string
        sha256{};  ///< of what a regular file or a hard link holds; empty where Contents::skimmed
};

/// Whether the content of each packaged file is digested as well: it takes as long again as
/// unpacking.
enum class Contents { skimmed, digested };

/// What a package says of itself.
struct PackageFacts {
    std::string name;
    std::string version;
    std::string architecture;
    std::string source;
    std::string source_version;
    std::string control;  ///< the whole control stanza
    std::map<std::string, std::string>
        relations;  ///< Depends, Pre-Depends, Conflicts, … → the field, syntax checked
    std::vector<PackagedFile> files;     ///< in the archive's order, without "/"
    std::vector<std::string> conffiles;  ///< absolute paths
    std::vector<std::string> triggers;  ///< lines of the triggers file: "activate-noawait ldconfig"
    std::string maintainer_scripts;     ///< preinst, postinst, prerm, postrm, config; each after a
                                        ///< line "### postinst"

    std::vector<std::string> paths() const;  ///< of everything but directories
};

/// Reads a package to its end (deb_file.hpp does the work). Error(invalid) with the reason; a 26 MB
/// kernel package takes some seconds.
PackageFacts read_deb_facts(const std::filesystem::path& file,
                            Contents contents = Contents::skimmed);

}  // namespace patchlab::intake
