// SPDX-License-Identifier: Apache-2.0
//
// What may go and what stays (gc), and evidence that is kept elsewhere.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/program.hpp"

namespace patchlab::tests {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class Retention : public testing::Test {
  protected:
    Retention() { approved_ = lab_.approved_run(); }

    std::string rehearse() {
        EXPECT_EQ(lab_.rehearse({{"PATCHLAB_USER", "tess"}}).exit_code, 0);
        return lab_.newest_id();
    }
    Json gc(std::vector<std::string> more) {
        std::vector<std::string> words{"gc", "--json", "--keep-days", "0"};
        words.insert(words.end(), more.begin(), more.end());
        const process::CommandResult result = lab_.run(words);
        EXPECT_EQ(result.exit_code, 0) << result.err;
        return parse_json(result.out, "gc");
    }
    static std::vector<std::string> subjects(const Json& garbage) {
        std::vector<std::string> all;
        for (const Json& item : garbage.at("items"))
            all.push_back(item.at("subject").get<std::string>());
        return all;
    }
    bool has_run(const std::string& id) { return fs::exists(lab_.state() / "runs" / id); }

    PlayedLab lab_;
    std::string approved_;
};

TEST_F(Retention, removes_old_runs_to_which_nothing_refers_and_keeps_the_others) {
    const std::string old = rehearse(), newest = rehearse();
    const Json planned = gc({"--keep", "1", "--dry-run"});
    EXPECT_THAT(subjects(planned), Contains(old));
    EXPECT_THAT(subjects(planned), Not(Contains(approved_))) << "somebody approved it";
    EXPECT_THAT(subjects(planned), Not(Contains(newest)));
    EXPECT_TRUE(has_run(old)) << "only planned";
    gc({"--keep", "1", "--yes"});
    EXPECT_FALSE(has_run(old));
    EXPECT_EQ(lab_.run({"run", "show", old}).exit_code, 2);
    EXPECT_TRUE(has_run(approved_));
    EXPECT_TRUE(has_run(newest));
    EXPECT_THAT(lab_.run({"audit", "list", "--action", "host.gc", "--json"}).out, HasSubstr(old));
    EXPECT_EQ(lab_.run({"audit", "verify"}).exit_code, 0);
}

TEST_F(Retention, removes_nothing_that_is_new_enough) {
    rehearse();
    const process::CommandResult kept = lab_.run({"gc", "--dry-run", "--json", "--keep", "0"});
    EXPECT_EQ(parse_json(kept.out, "gc").at("items").size(), 0U) << kept.out;
}

TEST_F(Retention, is_for_administrators) {
    rehearse();
    EXPECT_EQ(
        lab_.run({"--as", "tess", "gc", "--keep-days", "0", "--keep", "0", "--yes"}).exit_code, 4);
}

TEST_F(Retention, evidence_is_exported_the_same_each_time_and_verified_where_it_is_unpacked) {
    const fs::path first = lab_.state() / "first.tar.zst", second = lab_.state() / "second.tar.zst";
    for (const fs::path& file : {first, second})
        ASSERT_EQ(lab_.run({"evidence", "export", "@last", "-o", file.string()}).exit_code, 0);
    EXPECT_EQ(read_file(first), read_file(second));
    const TempFolder elsewhere(fs::temp_directory_path(), "evidence");
    process::CommandSpec unpack;
    unpack.program = "tar";
    unpack.args = {"--zstd", "-xf", first.string(), "-C", elsewhere.path().string()};
    unpack.purpose = "unpacking";
    ASSERT_EQ(process::SystemCommandRunner().run(unpack).exit_code, 0);
    const fs::path folder = elsewhere.path() / approved_;
    EXPECT_EQ(lab_.run({"evidence", "verify", folder.string()}).exit_code, 0);
    EXPECT_EQ(lab_.run({"evidence", "export", "nosuch", "-o", first.string()}).exit_code, 2);
}

}  // namespace
}  // namespace patchlab::tests
