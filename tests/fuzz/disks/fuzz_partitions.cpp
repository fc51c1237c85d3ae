// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the tables of a disk of 4 MiB (the first and the last 17 KiB): areas that cover the
// disk without gaps and without overlaps, or a refusal.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "platform/core/error.hpp"
#include "platform/disk/overlay/areas.hpp"
#include "tests/fuzz/memory_reader.hpp"

namespace {

using namespace patchlab;

constexpr std::size_t disk_bytes = 4U << 20;
constexpr std::size_t table_bytes = 34U * 512U;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string bytes(disk_bytes, '\0');
    const std::size_t first = std::min(size, table_bytes);
    std::memcpy(bytes.data(), data, first);
    const std::size_t last = std::min(size - first, table_bytes);
    if (last > 0) std::memcpy(bytes.data() + disk_bytes - last, data + first, last);
    tests::MemoryReader reader(bytes);
    try {
        std::uint64_t end = 0;
        for (const disk::Area& area : disk::areas_of(reader)) {
            if (area.range.first != end || area.range.last <= area.range.first) std::abort();
            end = area.range.last;
        }
        if (end != disk_bytes) std::abort();
    } catch (const Error& error) {
        if (error.code() != ErrorCode::lab) std::abort();
    }
    return 0;
}
