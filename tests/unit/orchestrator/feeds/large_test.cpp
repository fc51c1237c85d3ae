// SPDX-License-Identifier: Apache-2.0
//
// A tracker of 100 MB: read as a stream, with memory that does not grow with it.
#include <fstream>

#include "tests/unit/orchestrator/feeds/feeds_fixture.hpp"

namespace patchlab::feeds {
namespace {

constexpr std::size_t wanted_bytes = 100U << 20, permitted_kib = 100U << 10;

/// From /proc/self/status, in KiB.
std::size_t memory(const std::string& key) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(key + ":")) return std::stoul(line.substr(key.size() + 1));
    return 0;
}

/// Forgets the highest mark; false where the kernel does not permit it.
bool reset_peak() {
    std::ofstream file("/proc/self/clear_refs");
    file << "5" << std::flush;
    return file.good();
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

TEST_F(FeedsTest, a_tracker_of_100_MB_takes_less_than_100_MB_of_memory) {
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
    // a gigabyte of blanks behind an opening brace, packed a thousandfold
    const std::string blanks(1U << 20, ' ');
    const fs::path plain = folder_.path() / "bomb.json";
    {
        std::ofstream file(plain);
        file << "{";
        for (int i = 0; i < 700; ++i) file << blanks;
        file << "}";
    }
    ASSERT_EQ(std::system(("gzip -1 " + plain.string()).c_str()), 0);
    EXPECT_THAT(
        refusal({.file = plain.string() + ".gz", .kind = Kind::kev}),
        testing::AnyOf(testing::HasSubstr("decompression bomb"), testing::HasSubstr("too long")));
}

}  // namespace
}  // namespace patchlab::feeds
