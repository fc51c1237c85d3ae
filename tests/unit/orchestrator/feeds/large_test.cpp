// SPDX-License-Identifier: Apache-2.0
//
// A tracker of 100 MB (a smaller one where nothing is optimized): read as a stream, with memory
// that does not grow with it.
#include <fstream>

#include "tests/unit/orchestrator/feeds/feeds_fixture.hpp"

namespace patchlab::feeds {
namespace {

#ifdef NDEBUG
constexpr std::size_t wanted_bytes = 100U << 20;
#else
constexpr std::size_t wanted_bytes = 10U << 20;
#endif
constexpr std::size_t permitted_kib = 100U << 10;

/// From /proc/self/status, in KiB.
std::size_t memory(const std::string& key) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(key + ":")) return std::stoul(line.substr(key.size() + 1));
    return 0;
}

/// Forgets the highest mark; false where the kernel does not permit it, or where a sanitizer keeps
/// what was freed.
bool reset_peak() {
#ifdef __SANITIZE_ADDRESS__
    return false;
#else
    std::ofstream file("/proc/self/clear_refs");
    file << "5" << std::flush;
    return file.good();
#endif
}

/// Sources with a few CVEs each, and texts as long as the tracker has them.
std::size_t write_tracker(const fs::path& path) {
    std::ofstream file(path);
    const std::string text(1500, 'x');
    std::size_t written = 0, cves = 0;
    file << "{";
    for (std::size_t source = 0; written < wanted_bytes; ++source) {
        std::string block =
            std::string(source == 0 ? "" : ",") + "\"source" + std::to_string(source) + "\":{";
        for (int i = 0; i < 8; ++i) {
            block +=
                std::string(i == 0 ? "" : ",") + "\"CVE-2026-" + std::to_string(10000 + cves++) +
                R"(":{"description":")" + text + R"(","releases":{)" +
                R"("bookworm":{"status":"resolved","fixed_version":"1.2-3","urgency":"low"},)" +
                R"("trixie":{"status":"open","urgency":"low","nodsa":"Minor issue"}}})";
        }
        block += "}";
        file << block;
        written += block.size();
    }
    file << "}";
    return cves;
}

TEST_F(FeedsTest, a_tracker_is_read_in_less_than_100_MB_of_memory) {
    const fs::path path = folder_.path() / "tracker-2026-11-29.json";
    const std::size_t cves = write_tracker(path);
    ASSERT_GT(fs::file_size(path), wanted_bytes);
    const std::size_t before = memory("VmRSS");
    const bool measured = reset_peak();
    const FeedAdded added = add(path);
    EXPECT_EQ(added.feed.kind, Kind::debian);
    EXPECT_EQ(added.feed.entries, cves);
    if (measured) {
        EXPECT_LT(memory("VmHWM") - before, permitted_kib);
    }
    EXPECT_EQ(about("CVE-2026-10007").debian.size(), 1U);
}

TEST_F(FeedsTest, a_packed_file_that_would_fill_the_disk_is_refused) {
    // most of a gigabyte of blanks behind an opening brace, packed a thousandfold: a gzip file may
    // have many members, one after the other
    const fs::path plain = folder_.path() / "member";
    std::ofstream(plain) << std::string(1U << 20, ' ');
    const fs::path brace = folder_.path() / "brace";
    std::ofstream(brace) << "{";
    ASSERT_EQ(std::system(("gzip " + plain.string() + " " + brace.string()).c_str()), 0);
    const std::string member = read_file(plain.string() + ".gz");
    const fs::path bomb = folder_.path() / "bomb.json.gz";
    {
        std::ofstream file(bomb);
        file << read_file(brace.string() + ".gz");
        for (int i = 0; i < 700; ++i) file << member;
    }
    EXPECT_THAT(
        refusal({.file = bomb, .kind = Kind::kev}),
        testing::AnyOf(testing::HasSubstr("decompression bomb"), testing::HasSubstr("too long")));
}

}  // namespace
}  // namespace patchlab::feeds
