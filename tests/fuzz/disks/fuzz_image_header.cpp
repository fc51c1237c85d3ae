// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the beginning of a disk image: a format and what it refers to, or a refusal.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/disk/image/image_header.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchlab;
    const UniqueFd file(::memfd_create("image", MFD_CLOEXEC));
    if (::write(file.get(), data, size) != static_cast<ssize_t>(size)) return 0;
    const std::string path = "/proc/self/fd/" + std::to_string(file.get());
    try {
        const disk::ImageHeader header = disk::read_image_header(path);
        if (header.format.empty()) std::abort();
        Json(header.refers_to).dump();  // throws on text that is not UTF-8
    } catch (const Error& error) {
        if (error.code() != ErrorCode::invalid) std::abort();
    }
    return 0;
}
