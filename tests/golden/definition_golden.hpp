// SPDX-License-Identifier: Apache-2.0
//
// Golden definitions: beside every NAME.yaml of a folder stands NAME.expected with what reading it
// must say, its mistakes line by line or what was understood. PATCHLAB_REGENERATE=1 writes the
// expected files anew, to be read before they are committed.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "platform/core/diagnostics.hpp"
#include "platform/core/files.hpp"

namespace patchlab::golden {

/// Reads one definition; returns what was understood, for when there was no mistake.
using Understand = std::function<std::string(const std::string& yaml, const std::string& file,
                                             Diagnostics& diagnostics)>;

inline void compare_folder(const fs::path& folder, const Understand& understand) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.path().extension() == ".yaml") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    ASSERT_FALSE(files.empty()) << folder;
    for (const fs::path& file : files) {
        Diagnostics diagnostics;
        std::string said = understand(read_file(file), file.filename().string(), diagnostics);
        if (!diagnostics.ok()) {
            said.clear();
            for (const Diagnostic& item : diagnostics.items) said += item.text() + "\n";
        }
        const fs::path expected = fs::path(file).replace_extension(".expected");
        if (std::getenv("PATCHLAB_REGENERATE")) write_file_atomic(expected, said);
        EXPECT_EQ(said, read_file(expected)) << file;
        EXPECT_EQ(file.filename().string().starts_with("bad-"), !diagnostics.ok())
            << file << ": the name says whether it has mistakes";
    }
}

}  // namespace patchlab::golden
