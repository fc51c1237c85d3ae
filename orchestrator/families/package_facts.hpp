// SPDX-License-Identifier: Apache-2.0
//
// What a package file says of itself, whatever its family: names, requirements, files,
// configuration files, triggers, scripts. Values, read from the package alone.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace patchlab::families {

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

/// One way to meet a requirement: a package, and which of its versions will do.
struct Relation {
    std::string name;
    std::string op;  ///< <<, <=, =, >=, >> or empty: any version
    std::string version;
};
/// A requirement is met by any one of its alternatives.
using Requirement = std::vector<Relation>;

struct ExactPackage {
    std::string name;  ///< with ":ARCHITECTURE" where the family has several of a name
    std::string version;
};

/// What a package says of itself.
struct PackageFacts {
    std::string name;
    std::string version;
    std::string architecture;
    std::string source;
    std::string source_version;
    std::string control;  ///< its metadata as the package holds it, for the family alone
    std::vector<Requirement> requirements;  ///< what must be installed for it to work
    std::vector<PackagedFile> files;        ///< in the archive's order, without "/"
    std::vector<std::string> conffiles;     ///< absolute paths
    std::vector<std::string> triggers;  ///< what it asks to be done: "activate-noawait ldconfig"
    std::string maintainer_scripts;     ///< what it runs; each script after a line "### postinst"

    std::vector<std::string> paths() const;  ///< of everything but directories
};

/// A package and the files in it that tell about an update: its changelog, its service units.
struct PackageContents {
    PackageFacts facts;
    std::map<std::string, std::string> texts;  ///< absolute path → content
};

}  // namespace patchlab::families
