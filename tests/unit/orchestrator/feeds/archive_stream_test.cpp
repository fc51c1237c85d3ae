// SPDX-License-Identifier: Apache-2.0
//
// Files as streams: what is packed in which way, and what was cut where.
#include "orchestrator/families/archive_stream.hpp"

#include <fcntl.h>

#include "tests/unit/orchestrator/feeds/feeds_fixture.hpp"

namespace patchlab::feeds {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ArchiveStreams : public testing::Test {
  protected:
    std::vector<std::string> members_of(const std::string& bytes) {
        const fs::path path = folder_.path() / "file";
        write_file_atomic(path, bytes);
        families::ArchiveStream stream(UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)),
                                       "FILE");
        std::vector<std::string> members;
        content_.clear();
        while (const auto member = stream.next()) {
            members.push_back(member->name);
            char buffer[100];
            for (std::size_t got; (got = stream.read(buffer, sizeof buffer)) > 0;)
                content_.append(buffer, got);
        }
        return members;
    }
    std::string refusal(const std::string& bytes) {
        try {
            members_of(bytes);
            return "";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::invalid);
            return error.what();
        }
    }
    TempFolder folder_{fs::temp_directory_path(), "stream"};
    std::string content_;
};

TEST_F(ArchiveStreams, give_a_plain_file_and_a_packed_one_alike) {
    const std::string plain = golden_text("epss.csv");
    EXPECT_THAT(members_of(plain), ElementsAre(""));
    EXPECT_EQ(content_, plain);
    EXPECT_THAT(members_of(golden_text("epss.csv.gz")), ElementsAre(""));
    EXPECT_EQ(content_, plain);
}

TEST_F(ArchiveStreams, give_the_files_of_a_tar_and_of_a_zip) {
    EXPECT_THAT(members_of(golden_text("csaf.tar")),
                ElementsAre("2026/cve-2026-1001.json", "2026/cve-2026-1002.json"));
    EXPECT_EQ(members_of(golden_text("ssvc.zip")).size(), 5U);
}

TEST_F(ArchiveStreams, refuse_an_empty_file) { EXPECT_THAT(refusal(""), HasSubstr("is empty")); }

TEST_F(ArchiveStreams, refuse_a_packed_file_that_is_cut_anywhere) {
    const std::string whole = golden_text("epss.csv.gz");
    for (std::size_t size = 20; size < whole.size(); size += 3)
        EXPECT_NE(refusal(whole.substr(0, size)), "") << size;
}

TEST_F(ArchiveStreams, refuse_a_tar_that_is_cut_anywhere_between_two_files_too) {
    const std::string whole = golden_text("csaf.tar");
    // two files, their headers, and the blocks of zeros that end the archive
    const std::size_t end = whole.find_last_not_of('\0') / 512 * 512 + 512;
    for (std::size_t size = 512; size <= end; size += 512)
        EXPECT_THAT(refusal(whole.substr(0, size)), HasSubstr("cut short"))
            << size << " of " << end;
    EXPECT_THAT(refusal(whole), IsEmpty());
}

TEST_F(ArchiveStreams, refuse_a_zip_that_is_cut_anywhere) {
    const std::string whole = golden_text("ssvc.zip");
    for (std::size_t size = 40; size + 30 < whole.size(); size += 37)
        EXPECT_NE(refusal(whole.substr(0, size)), "") << size << " of " << whole.size();
    for (std::size_t at = whole.find("PK", 2); at != std::string::npos;
         at = whole.find("PK", at + 2))
        EXPECT_NE(refusal(whole.substr(0, at)), "") << "before the record at " << at;
}

}  // namespace
}  // namespace patchlab::feeds
