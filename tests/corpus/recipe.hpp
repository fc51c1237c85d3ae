// SPDX-License-Identifier: Apache-2.0
//
// A recipe of the corpus: how to build one bad (or good) patch as real packages at test time, and
// what patchlab must say of it. The format is described in tests/corpus/README.md.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace patchlab::corpus {

struct RecipeFile {
    std::string path;  ///< absolute, in the guest
    unsigned mode = 0644;
    std::string content;
    std::string link{};          ///< the target of a symbolic link; then there is no content
    std::string config{};        ///< rpm: "noreplace" or "replace" for a configuration file
    std::string capabilities{};  ///< rpm: those of the file, "cap_net_raw=ep"
};

struct Recipe {
    std::string name;  ///< of its file
    std::string about;
    std::string family = "deb";
    /// Exactly one of the three: a package of the pending update of nginx that is altered; a
    /// package made from nothing; or the source package whose pending update is rehearsed as it is.
    std::string update, fresh, vendor;
    int many_files = 0;
    std::map<std::string, std::string> control;  ///< fields of the control or the spec file
    /// Maintainer script → lines that run last in it (preinst: first). rpm: "post", "posttrans",
    /// "pretrans -p <lua>", "transfiletriggerin -- /usr/bin".
    std::map<std::string, std::string> scripts;
    std::vector<RecipeFile> files;
    std::vector<std::string> removed;  ///< paths left out of the package
    bool reboot = false;               ///< look at the machine after its next start, too
    bool drill = false;                ///< practise the way back
    bool if_pending = false;           ///< passed over when the vendor has no such update today
    bool live = false;                 ///< of the representative third that every ./check runs
    int apply_deadline = 0;            ///< seconds; 0: the program's own

    std::vector<std::string> verdicts;  ///< any of these is right
    std::vector<std::string>
        reasons;  ///< one reason of one of these kinds must be there; empty: none is asked for
    std::string subject;  ///< and its subject or detail holds this text
};

/// Every *.yaml of `folder`, by name. Throws Error(invalid) with every mistake of a file.
std::vector<Recipe> read_recipes(const std::filesystem::path& folder);

}  // namespace patchlab::corpus
