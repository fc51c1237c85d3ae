// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/output.hpp"

#include <iostream>

#include "orchestrator/cli/screen.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

namespace {

std::filesystem::path output_path(const std::string& file) {
    const std::filesystem::path path = std::filesystem::absolute(file);
    if (!std::filesystem::is_directory(path.parent_path()))
        throw Error(ErrorCode::not_found, "there is no folder " + path.parent_path().string());
    if (std::filesystem::is_directory(path))
        throw Error(ErrorCode::usage, path.string() + " is a folder", "name a file in it");
    return path;
}

}  // namespace

void write_output(const std::string& text, const std::string& file) {
    // what stdout did not take is told where the program ends
    if (file.empty() || file == "-") std::cout << Exact{text} << std::flush;
    else write_file_atomic(output_path(file), text);
}

}  // namespace patchlab::cli
