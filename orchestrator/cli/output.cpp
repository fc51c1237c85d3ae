// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/output.hpp"

#include <cerrno>
#include <cstring>
#include <iostream>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

namespace {

void print_whole(const std::string& text) {
    std::cout.write(text.data(), static_cast<std::streamsize>(text.size()));
    std::cout.flush();
    if (!std::cout)
        throw Error(ErrorCode::lab, std::string("cannot write to stdout: ") + std::strerror(errno));
}

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
    if (file.empty() || file == "-") return print_whole(text);
    write_file_atomic(output_path(file), text);
}

}  // namespace patchlab::cli
