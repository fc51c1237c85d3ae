// SPDX-License-Identifier: Apache-2.0
//
// A guest may write any bytes to its disk. The input is a list of such writes to a small sound ext4
// (four bytes each: a place of three bytes, a value); both comparisons must come back with an
// answer or an Error. Run with -timeout=20 -rss_limit_mb=1024.
#include <fstream>
#include <map>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/disk/overlay/areas.hpp"
#include "tests/fuzz/host_program.hpp"
#include "tests/fuzz/memory_reader.hpp"

namespace {

using namespace patchlab;

/// The superblock, descriptors, bitmaps, inodes and first directories lie at the front; half of the
/// writes go there.
constexpr std::size_t metadata_bytes = 96U << 10;

/// 2 MiB with every kind of thing in it: long and short links, attributes, inline content, a deep
/// tree, a sparse file. Checksums are off: they would turn nearly every write into the same early
/// answer.
std::string make_image() {
    const TempFolder folder(fs::temp_directory_path(), "fuzz-ext4");
    const fs::path tree = folder.path() / "tree";
    fs::create_directories(tree / "a/b/c");
    std::ofstream(tree / "a/file") << std::string(30000, 'f');
    std::ofstream(tree / "a/small") << "small";
    std::ofstream(tree / "a/b/c/deep") << "deep";
    fs::create_symlink("target", tree / "short");
    fs::create_symlink(std::string(300, 'l'), tree / "long");
    for (int i = 0; i < 60; ++i)
        std::ofstream(tree / ("entry-with-a-long-name-" + std::to_string(i))) << i;
    const fs::path image = folder.path() / "image";
    const fs::path script = folder.path() / "script";
    std::ofstream(script) << "ea_set /a/file user.large " << std::string(400, 'x')
                          << "\nmknod /device c 4 5\npunch /a/file 3 5\n";
    tests::host_program("mke2fs", {"-q", "-F", "-t", "ext4", "-b", "1024", "-O",
                                   "^metadata_csum,^has_journal,^resize_inode,inline_data", "-N",
                                   "128", "-d", tree.string(), image.string(), "2M"});
    tests::host_program("debugfs", {"-w", "-f", script.string(), image.string()});
    return read_file(image);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::string sound = make_image();
    std::string written = sound;
    std::map<std::uint64_t, bool> clusters;
    for (std::size_t i = 0; i + 4 <= size && i < 4096; i += 4) {
        const std::size_t number = static_cast<std::size_t>(data[i]) |
                                   static_cast<std::size_t>(data[i + 1]) << 8 |
                                   static_cast<std::size_t>(data[i + 2] >> 1) << 16;
        const std::size_t place = number % (data[i + 2] & 1 ? sound.size() : metadata_bytes);
        written[place] = static_cast<char>(data[i + 3]);
        clusters[place / 4096] = true;
    }
    std::vector<disk::ByteRange> held;
    for (const auto& [cluster, unused] : clusters)
        held.push_back({cluster * 4096, cluster * 4096 + 4096});
    tests::MemoryReader before(sound);
    tests::MemoryReader after(written);
    std::size_t changes = 0;
    const disk::ChangeSink sink = [&](const disk::FileChange& change) {
        changes += to_line(disk::to_json(change)).size();
    };
    for (const auto how : {disk::compare_touched_areas, disk::compare_all_areas}) {
        try {
            how({before, after, held}, sink);
        } catch (const Error&) {
        }
    }
    return 0;
}
