// SPDX-License-Identifier: Apache-2.0
//
// A folder of evidence for tests, removed at the end although it is read-only by then.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "platform/core/files.hpp"

namespace patchlab::reports {

class EvidenceFolder {
  public:
    EvidenceFolder() : parent_(std::filesystem::temp_directory_path(), "patchlab-evidence") {
        make_folder(path());
    }
    ~EvidenceFolder() { make_writable(); }

    std::filesystem::path path() const { return parent_.path() / "evidence"; }
    void write(const std::string& file, const std::string& bytes) const {
        std::filesystem::create_directories((path() / file).parent_path());
        std::ofstream(path() / file, std::ios::binary)
            << bytes;  // not durable on purpose: thousands of these are written
    }
    void make_writable() const {
        std::error_code ignored;
        std::filesystem::permissions(path(), std::filesystem::perms::owner_all, ignored);
        for (const auto& entry : std::filesystem::recursive_directory_iterator(path(), ignored))
            if (!entry.is_symlink())
                std::filesystem::permissions(entry.path(), std::filesystem::perms::owner_all,
                                             ignored);
    }
    /// The names of all files, sorted.
    std::vector<std::string> files() const {
        std::vector<std::string> found;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(path()))
            if (entry.is_regular_file())
                found.push_back(std::filesystem::relative(entry.path(), path()).string());
        std::sort(found.begin(), found.end());
        return found;
    }
    /// A run.json, captures and logs with bytes that are no text.
    void fill() const {
        write("run.json",
              R"({"schema":"patchlab/run/v1","id":"r-1","lab":"l","verdict":"validated"})");
        write("captures/web-before.json", "{}");
        write("logs/web/apply.log", std::string("Setting up nginx\n\xff\x00 done", 25));
        write("logs/web/empty.log", "");
    }

  private:
    TempFolder parent_;
};

}  // namespace patchlab::reports
