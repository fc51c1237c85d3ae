// SPDX-License-Identifier: Apache-2.0
//
// A guest may write any bytes to its firmware's partition. The input is a list of such writes to a
// small sound FAT16 (four bytes each: a place of three bytes, a value); the comparison must come
// back with changes, or say that it cannot read it. Run with -timeout=20 -rss_limit_mb=1024.
#include <cstdint>
#include <string>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/disk/fat/compare.hpp"
#include "tests/fuzz/host_program.hpp"
#include "tests/fuzz/memory_reader.hpp"

namespace {

using namespace patchlab;

/// The first sector, the tables and the root; half of the writes go there.
constexpr std::size_t metadata_bytes = 80U << 10;

std::string make_image() {
    const TempFolder folder(fs::temp_directory_path(), "fuzz-fat");
    const fs::path image = folder.path() / "image", file = folder.path() / "file";
    write_file_atomic(image, std::string(5U << 20, '\0'));
    write_file_atomic(file, std::string(9000, 'f'));
    tests::host_program("mkfs.vfat", {"-F", "16", "-s", "1", "-i", "1234abcd", image.string()});
    tests::host_program("mmd", {"-i", image.string(), "::EFI", "::EFI/BOOT"});
    for (const char* name : {"::EFI/BOOT/BOOTX64.EFI", "::EFI/a name that is longer.conf"})
        tests::host_program("mcopy", {"-i", image.string(), file.string(), name});
    return read_file(image, 8U << 20);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::string sound = make_image();
    std::string written = sound;
    for (std::size_t i = 0; i + 4 <= size && i < 4096; i += 4) {
        const std::size_t number = static_cast<std::size_t>(data[i]) |
                                   static_cast<std::size_t>(data[i + 1]) << 8 |
                                   static_cast<std::size_t>(data[i + 2] >> 1) << 16;
        written[number % (data[i + 2] & 1 ? sound.size() : metadata_bytes)] =
            static_cast<char>(data[i + 3]);
    }
    tests::MemoryReader old_disk(sound), new_disk(written);
    const disk::ByteRange all{0, sound.size()};
    std::size_t said = 0;
    try {
        disk::FatVolume before(old_disk, all), after(new_disk, all);
        disk::compare_fat({before, after, "/boot/efi"}, [&](const disk::FileChange& change) {
            said += to_line(disk::to_json(change)).size();
        });
    } catch (const disk::Unreadable&) {
    } catch (const Error&) {
    }
    return 0;
}
